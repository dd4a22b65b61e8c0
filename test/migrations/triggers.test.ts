/** A trigger that is not as this version makes it, by an older version or by hand, is made again. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databasesOf } from '../../src/embed/databases.ts'
import { type MigrationOutcome, migrate } from '../../src/postgres/migrate/migrate.ts'
import { modelFrom } from '../support/backend.ts'
import { testDatabase } from '../support/database.ts'
import { execute, rowsOf } from './schema.ts'

const NEWS = {
  name: 'news',
  entities: {
    Topic: { fields: { name: { type: 'text', max: 40 } }, access: { create: 'true', read: 'true', delete: 'true' } },
    Story: {
      fields: {
        topic: { type: 'ref', entity: 'Topic', optional: true, onDelete: 'setNull' },
        photo: { type: 'file', optional: true },
      },
      access: { create: 'true', read: 'true', update: 'true' },
    },
  },
  on: { 'Story.created': [{ webhook: 'partner' }] },
  integrations: { webhooks: { partner: { url: 'https://partner.example.com/hook', secret: 'PARTNER_SECRET' } } },
}

const TRIGGERS = `select t.tgname as name, pg_get_triggerdef(t.oid) as text, t.tgenabled as enabled
  from pg_trigger t where t.tgrelid = 'stories'::regclass and t.tgname like 'plinth%' order by t.tgname`

/** What changes one trigger, or the function of one. */
const CHANGES: readonly (readonly [string, string])[] = [
  [
    'without its condition',
    `create or replace trigger plinth_raise_version before update on stories for each row execute function plinth.raise_version('topic_id')`,
  ],
  [
    'with another condition',
    `create or replace trigger plinth_raise_version before update on stories for each row
    when (old.version <> new.version) execute function plinth.raise_version('topic_id')`,
  ],
  ['switched off', 'alter table stories disable trigger plinth_take_files'],
  [
    'for fewer columns',
    `create or replace trigger plinth_take_files before insert or update of photo on stories for each row
    execute function plinth.keep_files('Story', 'id', 'photo', 'photo')`,
  ],
  [
    'for fewer writes',
    `create or replace trigger plinth_release_files after delete on stories for each row
    execute function plinth.keep_files('Story', 'id', 'photo', 'photo')`,
  ],
  ['dropped', 'drop trigger plinth_release_files on stories'],
  [
    'for each row',
    `drop trigger plinth_log_insert on stories; create trigger plinth_log_insert after insert on stories for each row
    execute function plinth.raise_version('topic_id')`,
  ],
  [
    'with another function body',
    `create or replace function plinth.keep_files() returns trigger language plpgsql as 'begin return new; end'`,
  ],
]

test('a trigger in another form is made again, and then nothing is left to do', async (t) => {
  const database = await testDatabase()
  t.after(database.drop)
  const { url } = database
  const run = (how: 'apply' | 'dry', design: object = NEWS): Promise<MigrationOutcome> =>
    migrate({ url, databases: databasesOf(modelFrom(design)), version: '1.0.0', run: how, allow: new Set() })
  assert.equal((await run('apply')).kind, 'applied')
  const usual = await rowsOf(url, TRIGGERS)
  const body = `select prosrc from pg_proc where proname = 'keep_files'`
  const [usualBody] = await rowsOf(url, body)
  assert.equal(usual.length, 4)
  for (const [what, statement] of CHANGES) {
    await execute(url, [statement])
    assert.equal((await run('dry')).kind, 'planned', what)
    assert.equal((await run('apply')).kind, 'applied', what)
    assert.deepEqual(await rowsOf(url, TRIGGERS), usual, what)
    assert.deepEqual(await rowsOf(url, body), [usualBody], what)
    assert.equal((await run('dry')).kind, 'current', what)
  }
})

test('a trigger in another form is dropped when the design no longer needs it', async (t) => {
  const database = await testDatabase()
  t.after(database.drop)
  const { url } = database
  const { photo: _, ...fields } = NEWS.entities.Story.fields
  const without = { ...NEWS, entities: { ...NEWS.entities, Story: { ...NEWS.entities.Story, fields } } }
  const run = (design: object) =>
    migrate({ url, databases: databasesOf(modelFrom(design)), version: '1.0.0', run: 'apply', allow: new Set(['deletes-data']) })
  assert.equal((await run(NEWS)).kind, 'applied')
  await execute(url, ['alter table stories disable trigger plinth_take_files', 'drop trigger plinth_release_files on stories'])
  assert.equal((await run(without)).kind, 'applied')
  const names = (await rowsOf(url, TRIGGERS)).map(({ name }) => name)
  assert.deepEqual(names, ['plinth_log_insert', 'plinth_raise_version'])
})
