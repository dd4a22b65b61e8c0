/** `plinth backup`, `restore` and `transfer`: under writes a backup has exactly what was committed before its moment. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { backup, restore } from '../../src/commands/protection/backup/backup.ts'
import { testBackend } from '../support/backend.ts'
import { testDatabase } from '../support/database.ts'
import { type Parcels, parcels } from './parcels.ts'

/** How many writers there are, and the pairs that they have written before the backup begins. */
const WRITERS = Number(process.env.WRITERS ?? 4)
const PAIRS = Number(process.env.PAIRS ?? 8)

/** Writes an order and its note in one statement. */
async function writePair({ sql, ids }: Parcels, mark: string): Promise<void> {
  await sql(
    `with o as (insert into orders (id, buyer_id, total, address, created_at, updated_at, version)
       values (gen_random_uuid(), $1, 1, $2, now(), now(), 1) returning id)
     insert into notes (id, order_id, text, created_at, updated_at, version) select gen_random_uuid(), id, $2, now(), now(), 1 from o`,
    [ids.bob, mark],
  )
}

test('a backup under writes is restored as it was at its moment', async (t) => {
  const world = await parcels(t)
  const file = join(world.folder, 'data.backup')
  const acknowledged: string[] = []
  let isOver = false
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let i = 0; !isOver; i++) {
      const mark = `pair\t${writer}\\${i}\nline`
      await writePair(world, mark)
      acknowledged.push(mark)
    }
  })
  while (acknowledged.length < PAIRS) await setTimeout(10)
  const before = [...acknowledged]
  const written = await backup({ file, design: undefined }, world.io)
  const during = acknowledged.length - before.length
  const begunAfter = 'begun after the backup'
  isOver = true
  await Promise.all(writers)
  await writePair(world, begunAfter)
  assert.equal(written.exit, 0)
  t.diagnostic(`${before.length} pairs before, ${during} during the backup`)

  const other = await testDatabase()
  t.after(other.drop)
  const io = { ...world.io, env: { ...world.io.env, DATABASE_URL: other.url } }
  const restored = await restore({ file, design: undefined }, io)
  assert.equal(restored.exit, 0)
  const copy = await testBackend(t, world.model, { databaseUrl: other.url, variables: world.variables } as object)
  const marks = async (table: string, column: string) =>
    new Set(
      (await copy.sql(`select ${column} as mark from ${table} where ${column} like 'pair%' or ${column} = $1`, [begunAfter])).map(
        ({ mark }) => mark,
      ),
    )
  const [orders, notes] = [await marks('orders', 'address'), await marks('notes', 'text')]
  assert.deepEqual(orders, notes, 'a statement is there by half')
  assert.deepEqual(
    before.filter((mark) => !orders.has(mark)),
    [],
  )
  assert.ok(!orders.has(begunAfter))
  // References, triggers and numbers are there again.
  const keys = `select conname, pg_get_constraintdef(oid) as is from pg_constraint where connamespace = 'public'::regnamespace order by 1`
  assert.deepEqual(await copy.sql(keys), await world.sql(keys))
  const triggers = `select tgname, tgenabled from pg_trigger where not tgisinternal order by 1, 2`
  assert.deepEqual(await copy.sql(triggers), await world.sql(triggers))
  const login = await copy.ask('POST', '/api/auth/login', { body: { email: 'bob@example.com', password: 'Lantern-Otter-42-wharf' } })
  assert.equal(login.status, 200, login.text)
  const created = await copy.ask('POST', '/api/orders', { token: login.json.token, body: { total: 1 } })
  assert.equal(created.status, 201, created.text)

  await assert.rejects(restore({ file, design: undefined }, io), /has rows/)
  const damaged = join(world.folder, 'damaged.backup')
  writeFileSync(damaged, gzipSync(gunzipSync(readFileSync(file)).toString('utf8').replace('elsewhere', 'nowhere..')))
  const third = await testDatabase()
  t.after(third.drop)
  await assert.rejects(
    restore({ file: damaged, design: undefined }, { ...io, env: { ...io.env, DATABASE_URL: third.url } }),
    /orders differs from the backup/,
  )
})
