/** Migrations of designs that begin to react to events, and stop. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { databasesOf } from '../../src/embed/databases.ts'
import { ownPackage } from '../../src/embed/own-package.ts'
import { migrate } from '../../src/postgres/migrate/migrate.ts'
import { modelFrom } from '../support/backend.ts'
import { testDatabase } from '../support/database.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const react = [{ run: () => {}, as: 'system' }]

function design(on: object, note: object = {}) {
  return modelFrom({
    name: 'migrated',
    on,
    entities: {
      Note: { fields: { title: { type: 'text' }, secret: { type: 'password', optional: true } }, access: OPEN, ...note },
      Plain: { fields: { title: { type: 'text' } }, access: OPEN },
    },
  })
}

test('reactions come and go with migrations, which leave nothing to do', async (t) => {
  const database = await testDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.after(async () => {
    await client.end()
    await database.drop()
  })
  const to = async (model: ReturnType<typeof design>): Promise<string> => {
    const options = { url: database.url, databases: databasesOf(model), version: ownPackage().version } as const
    const { kind } = await migrate({ ...options, run: 'apply' })
    const again = await migrate({ ...options, run: 'dry' })
    assert.equal(again.kind, 'current')
    return kind
  }
  const triggers = async (): Promise<readonly string[]> => {
    const { rows } = await client.query<{ text: string }>(
      `select c.relname || ' ' || t.tgname || ' ' || replace(encode(t.tgargs, 'escape'), '\\000', ';') as text
       from pg_trigger t join pg_class c on c.oid = t.tgrelid where t.tgname like 'plinth_log%' order by 1`,
    )
    return rows.map(({ text }) => text)
  }
  assert.equal(await to(design({})), 'applied')
  assert.deepEqual(await triggers(), [])
  assert.equal(await to(design({ 'Note.created': react, 'Note.deleted': react })), 'applied')
  const created = 'notes plinth_log_insert Note;{"secret"};{"created"};;'
  assert.deepEqual(await triggers(), ['notes plinth_log_delete Note;{"secret"};{"deleted"};;', created])
  assert.equal(await to(design({ 'Note.created': react, 'Note.updated': react, 'Note.deleted': react }, { softDelete: true })), 'applied')
  assert.deepEqual(await triggers(), [
    'notes plinth_log_delete Note;{"secret"};{"deleted"};deleted_at;',
    'notes plinth_log_insert Note;{"secret"};{"created"};deleted_at;',
    'notes plinth_log_update Note;{"secret"};{"updated","deleted"};deleted_at;',
  ])
  await client.query("insert into notes (id, title, created_at, updated_at, version) values (gen_random_uuid(), 'a', now(), now(), 1)")
  const { rows } = await client.query('select entity, happening from plinth.events')
  assert.deepEqual(rows, [{ entity: 'Note', happening: 'created' }])
  assert.equal(await to(design({}, { softDelete: true })), 'applied')
  assert.deepEqual(await triggers(), [])
})
