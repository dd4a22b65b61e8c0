/** Two who wait for each other: PostgreSQL gives one of them up, and he goes again instead of being told to. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { modelFrom, testBackend } from './support/backend.ts'

const places = {
  name: 'places',
  entities: {
    Place: {
      fields: { code: { type: 'text', max: 40, unique: true }, visits: { type: 'integer', default: 0 } },
      access: { read: 'true', create: 'true', update: 'true' },
    },
  },
}

/** A backend with places `a` and `b`, and somebody else in the middle of a transaction: who waits for the other first is the one whom PostgreSQL gives up. */
async function start(t: TestContext) {
  const world = await testBackend(t, modelFrom(places))
  const [a, b]: readonly { readonly id: string }[] = (await world.ask('POST', '/api/places', { body: [{ code: 'a' }, { code: 'b' }] })).json
  assert.ok(a !== undefined && b !== undefined)
  const other = new pg.Client({ connectionString: world.databaseUrl, application_name: 'other' })
  other.on('error', () => {})
  await other.connect()
  await other.query('begin')
  return { ...world, a: a.id, b: b.id, other }
}

/** Until a statement of the backend waits for a lock. */
async function waits(sql: Awaited<ReturnType<typeof start>>['sql']): Promise<void> {
  const query =
    "select 1 from pg_stat_activity where application_name = 'plinth' and datname = current_database() and wait_event_type = 'Lock'"
  while ((await sql(query)).length === 0) await sleep(5)
}

async function deadlocks(sql: Awaited<ReturnType<typeof start>>['sql']): Promise<number> {
  await sql('select pg_stat_force_next_flush()')
  const [row] = await sql('select deadlocks::int from pg_stat_database where datname = current_database()')
  return Number(row?.deadlocks)
}

test('a change to a value that another row is giving up', { timeout: 30_000 }, async (t) => {
  const { ask, sql, other, a, b } = await start(t)
  await other.query("update places set code = 'free' where id = $1", [b])
  const asked = ask('PATCH', `/api/places/${a}`, { body: { code: 'b' } })
  await waits(sql)
  await other.query('update places set visits = 1 where id = $1', [a])
  await other.query('commit')
  await other.end()
  const { status, json } = await asked
  assert.deepEqual([status, json.code, json.visits], [200, 'b', 1])
  assert.equal(await deadlocks(sql), 1)
})

test('transactions that lock rows in another order', { timeout: 30_000 }, async (t) => {
  const { ask, sql, other, a, b } = await start(t)
  const visit = (id: string) => ({ method: 'PATCH', path: `/api/places/${id}`, body: { visits: { increment: 1 } } })
  await other.query('update places set visits = visits + 10 where id = $1', [b])
  const asked = ask('POST', '/api/transaction', {
    body: { operations: [visit(a), visit(b)] },
    headers: { 'idempotency-key': 'once' },
  })
  await waits(sql)
  await other.query('update places set visits = visits + 10 where id = $1', [a])
  await other.query('commit')
  await other.end()
  const { status, json } = await asked
  assert.deepEqual([status, json.results.map((r: { body: { visits: number } }) => r.body.visits)], [200, [11, 11]])
  assert.equal(await deadlocks(sql), 1)
  assert.deepEqual(await sql('select visits::int from places'), [{ visits: 11 }, { visits: 11 }])
})

test('creates of many rows with the same values in another order', { timeout: 30_000 }, async (t) => {
  const { ask, sql, other } = await start(t)
  await other.query("insert into places (code) values ('d')")
  const asked = ask('POST', '/api/places', { body: [{ code: 'c' }, { code: 'd' }] })
  await waits(sql)
  await other.query("insert into places (code) values ('c')")
  await other.query('rollback')
  await other.end()
  assert.equal((await asked).status, 201)
  assert.equal(await deadlocks(sql), 1)
})
