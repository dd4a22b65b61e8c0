/** Deadlocks: PostgreSQL aborts one of two transactions, and Plinth retries it. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { earlyClient } from '../support/early-client.ts'
import { PATIENCE } from '../support/patience.ts'

const places = {
  name: 'places',
  entities: {
    Place: {
      fields: { code: { type: 'text', max: 40, unique: true }, visits: { type: 'integer', default: 0 } },
      access: { read: 'true', create: 'true', update: 'true' },
    },
  },
}

interface Scene extends TestBackend {
  readonly a: string
  readonly b: string
  /** Another client with an open transaction. PostgreSQL aborts the transaction that began to wait first. */
  readonly other: pg.Client
  /** One more client besides `other`. */
  another(): Promise<pg.Client>
  /** Resolves when a statement of the backend waits for a lock. */
  waits(): Promise<void>
}

const TRIES = 5

/**
 * Runs a scene that ends in a deadlock, on a backend that has the places `a` and `b`. PostgreSQL looks for deadlocks one second after a
 * wait has begun. On a busy machine the other client may begin to wait later than that, and its transaction is aborted instead. Such a
 * scene does not count, and the next one runs.
 */
async function play(t: TestContext, scene: (scene: Scene) => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await scene(await start(t))
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== '40P01' || tries === TRIES) throw error
      t.diagnostic('the other was given up')
    }
  }
}

async function start(t: TestContext, patience = PATIENCE): Promise<Scene> {
  const connects = [earlyClient(t), earlyClient(t)]
  const connectAnother = earlyClient(t)
  const world = await testBackend(t, modelFrom(places), { patience })
  const [a, b]: readonly { readonly id: string }[] = (await world.ask('POST', '/api/places', { body: [{ code: 'a' }, { code: 'b' }] })).json
  assert.ok(a !== undefined && b !== undefined)
  const [other, watch] = await Promise.all(connects.map((connect) => connect(world.databaseUrl)))
  assert.ok(other !== undefined && watch !== undefined)
  await other.query('begin')
  const waits = async () => {
    const query =
      "select 1 from pg_stat_activity where application_name = 'plinth' and datname = current_database() and wait_event_type = 'Lock'"
    while ((await watch.query(query)).rowCount === 0) await sleep(5)
  }
  return { ...world, a: a.id, b: b.id, other, another: () => connectAnother(world.databaseUrl), waits }
}

/** The number of deadlocks, when there is one. A session reports its own some time after it has ended the transaction. */
async function deadlocks(sql: TestBackend['sql']): Promise<number> {
  for (;;) {
    const [row] = await sql('select deadlocks::int from pg_stat_database where datname = current_database()')
    if (Number(row?.deadlocks) > 0) return Number(row?.deadlocks)
    await sleep(50)
  }
}

test('deadlock: a change to a unique value that another row gives up', { timeout: 60_000 }, (t) =>
  play(t, async ({ ask, sql, other, waits, a, b }) => {
    await other.query("update places set code = 'free' where id = $1", [b])
    const asked = ask('PATCH', `/api/places/${a}`, { body: { code: 'b' } })
    await waits()
    await other.query('update places set visits = 1 where id = $1', [a])
    await other.query('commit')
    const { status, json } = await asked
    assert.deepEqual([status, json.code, json.visits], [200, 'b', 1])
    assert.equal(await deadlocks(sql), 1)
  }),
)

test('transactions that lock rows in another order', { timeout: 60_000 }, (t) =>
  play(t, async ({ ask, sql, other, waits, a, b }) => {
    const visit = (id: string) => ({ method: 'PATCH', path: `/api/places/${id}`, body: { visits: { increment: 1 } } })
    await other.query('update places set visits = visits + 10 where id = $1', [b])
    const asked = ask('POST', '/api/transaction', {
      body: { operations: [visit(a), visit(b)] },
      headers: { 'idempotency-key': 'once' },
    })
    await waits()
    await other.query('update places set visits = visits + 10 where id = $1', [a])
    await other.query('commit')
    const { status, json } = await asked
    assert.deepEqual([status, json.results.map((r: { body: { visits: number } }) => r.body.visits)], [200, [11, 11]])
    assert.equal(await deadlocks(sql), 1)
    assert.deepEqual(await sql('select visits::int from places'), [{ visits: 11 }, { visits: 11 }])
  }),
)

test('creates of many rows with the same values in another order', { timeout: 60_000 }, (t) =>
  play(t, async ({ ask, sql, other, waits }) => {
    await other.query("insert into places (code) values ('d')")
    const asked = ask('POST', '/api/places', { body: [{ code: 'c' }, { code: 'd' }] })
    await waits()
    await other.query("insert into places (code) values ('c')")
    await other.query('rollback')
    assert.equal((await asked).status, 201)
    assert.equal(await deadlocks(sql), 1)
  }),
)

test('a transaction whose time ends while it waits for a row of another is a conflict', { timeout: 60_000 }, async (t) => {
  const { ask, other, another, waits, a, b } = await start(t, 1)
  const second = await another()
  await second.query('begin')
  await other.query('update places set visits = visits + 10 where id = $1', [a])
  await second.query('update places set visits = visits + 10 where id = $1', [b])
  const visit = (id: string) => ({ method: 'PATCH', path: `/api/places/${id}`, body: { visits: { increment: 1 } } })
  const asked = ask('POST', '/api/transaction', { body: { operations: [visit(a), visit(b)] } })
  await waits()
  // Neither wait alone is longer than the limit of a lock.
  await sleep(1_500)
  await other.query('commit')
  const { status, json } = await asked
  assert.deepEqual([status, json.code], [409, 'write_conflict'])
})
