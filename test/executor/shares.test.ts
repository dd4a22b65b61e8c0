/** The shares of connections on a real database: one caller cannot stop the others. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { Failure } from '../../src/base/failure.ts'
import { slot, sql } from '../../src/base/sql/sql.ts'
import type { Statement } from '../../src/base/sql/statement.ts'
import { type Executor, openExecutor } from '../../src/postgres/executor/execute.ts'
import { testDatabase } from '../support/database.ts'
import { PATIENCE } from '../support/patience.ts'

const CONNECTIONS = 10
const QUICK: Statement = { name: 'quick', sql: sql`select ${slot('n', 'integer')} * 2`, merge: 'lateral' }
const SLEEP: Statement = { name: 'sleep', sql: sql`select pg_sleep(${slot('seconds', 'double precision')})`, merge: 'lateral' }
/** Waits until the test releases the lock. */
const HOLD: Statement = { name: 'hold', sql: sql`select pg_advisory_xact_lock_shared(7)` }
const CHANGE: Statement = {
  name: 'change',
  sql: sql`update notes set n = n + 1 where id = ${slot('id', 'integer')} returning n`,
  distinct: ['id'],
}

interface Opened extends Executor {
  /** Lets all `HOLD` statements end. */
  readonly release: () => Promise<void>
}

interface OpenOptions {
  readonly patience?: number
  readonly onStatement?: (name: string) => void
}

async function opened(t: TestContext, statementTimeoutMs: number, { patience = PATIENCE, onStatement }: OpenOptions = {}): Promise<Opened> {
  const database = await testDatabase()
  const holder = new pg.Client({ connectionString: database.url })
  holder.on('error', () => {})
  await holder.connect()
  await holder.query('select pg_advisory_lock(7)')
  const executor = openExecutor({
    url: database.url,
    connections: CONNECTIONS,
    statementTimeoutMs,
    patience,
    ...(onStatement === undefined ? {} : { onStatement }),
  })
  t.after(async () => {
    await holder.end()
    await executor.close()
    await database.drop()
  })
  await executor.run({ name: 'table', sql: sql`create table notes (id integer primary key, n integer not null)` }, {})
  await executor.run({ name: 'rows', sql: sql`insert into notes select i, 0 from generate_series(1, 20) i` }, {})
  return { ...executor, release: async () => void (await holder.query('select pg_advisory_unlock(7)')) }
}

const clientOf = (executor: Executor, key: string) => executor.forClient({ gone: () => false, key })

/** The number of statements of this kind that PostgreSQL is running. */
async function runningOf(executor: Executor, part: string): Promise<number> {
  const rows = await executor.runReserved(
    {
      name: 'activity',
      sql: sql`select count(*) from pg_stat_activity where datname = current_database() and state <> 'idle' and query like ${slot('part', 'text')} and pid <> pg_backend_pid()`,
    },
    { part: `%${part}%` },
  )
  return Number(rows[0]?.[0])
}

/** Waits until so many statements of this kind run, and looks a few times more. @throws AssertionError when more of them run. */
async function holds(executor: Executor, part: string, many: number): Promise<void> {
  while ((await runningOf(executor, part)) < many) await sleep(20)
  for (let look = 0; look < 5; look++) {
    await sleep(20)
    const running = await runningOf(executor, part)
    assert.ok(running <= many, `${running} run`)
  }
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Failure ? error.code : String(error)),
  )

test('the transactions of one caller hold three connections of ten, and another caller is answered at once', async (t) => {
  const executor = await opened(t, 5_000)
  const greedy = clientOf(executor, 'greedy')
  const all = Array.from({ length: 16 }, () => codeOf(greedy.transaction(({ run }) => run(HOLD, {}))))
  await holds(executor, 'pg_advisory', 3)
  assert.deepEqual(await clientOf(executor, 'other').run(QUICK, { n: 2 }), [['4']])
  await executor.release()
  assert.deepEqual(new Set(await Promise.all(all)), new Set(['done']))
})

test('transactions that begin leave places for statements, and a statement is sent before their own', async (t) => {
  const sent: string[] = []
  const executor = await opened(t, 5_000, { onStatement: (name) => sent.push(name) })
  sent.length = 0
  const greedy = clientOf(executor, 'greedy')
  const all = Array.from({ length: 4 }, () => codeOf(greedy.transaction(({ run }) => run(SLEEP, { seconds: 0.04 }))))
  const quick = clientOf(executor, 'other').run(QUICK, { n: 2 })
  assert.deepEqual(await quick, [['4']])
  assert.equal(sent[0], 'quick', sent.join())
  assert.deepEqual(new Set(await Promise.all(all)), new Set(['done']))
})

test('slow transactions of many callers leave connections for calls that are fast', async (t) => {
  const executor = await opened(t, 5_000)
  const all = Array.from({ length: 12 }, (_, i) => codeOf(clientOf(executor, `caller ${i}`).transaction(({ run }) => run(HOLD, {}))))
  await holds(executor, 'pg_advisory', 6)
  assert.deepEqual(await clientOf(executor, 'other').run(QUICK, { n: 2 }), [['4']])
  await executor.release()
  assert.deepEqual(new Set(await Promise.all(all)), new Set(['done']))
})

test('calls of any callers that write one locked row hold one connection, and other rows are written', async (t) => {
  const executor = await opened(t, 5_000)
  const locked = clientOf(executor, 'holder').transaction(async ({ run }) => {
    await run(CHANGE, { id: 1 })
    await run(HOLD, {})
  })
  await holds(executor, 'pg_advisory', 1)
  const waiting = Array.from({ length: 12 }, (_, i) => clientOf(executor, `waiter ${i}`).run(CHANGE, { id: 1 }))
  await holds(executor, 'update notes', 1)
  assert.deepEqual(await clientOf(executor, 'other').run(CHANGE, { id: 2 }), [['1']])
  await executor.release()
  await locked
  const rows = await Promise.all(waiting)
  assert.deepEqual(
    rows.map(([row]) => Number(row?.[0])).sort((a, b) => a - b),
    Array.from({ length: 12 }, (_, i) => i + 2),
  )
})

test('after a statement has timed out, all callers together get one connection for it', async (t) => {
  const executor = await opened(t, 1_000, { patience: 1 })
  await codeOf(clientOf(executor, 'first').run(SLEEP, { seconds: 9 }))
  const all = Array.from({ length: 8 }, (_, i) => codeOf(clientOf(executor, `caller ${i}`).run(SLEEP, { seconds: 9 })))
  await holds(executor, 'pg_sleep', 1)
  assert.deepEqual(await clientOf(executor, 'other').run(QUICK, { n: 2 }), [['4']])
  const codes = await Promise.all(all)
  assert.ok(
    codes.every((code) => code !== 'done'),
    codes.join(),
  )
})

test('a caller whose statement has timed out gets only one connection for a while, for any request', async (t) => {
  const executor = await opened(t, 1_000, { patience: 1 })
  await codeOf(clientOf(executor, 'greedy').run(SLEEP, { seconds: 9 }))
  const others = Array.from({ length: 5 }, (_, i) =>
    codeOf(
      clientOf(executor, 'greedy').run(
        {
          name: `sleep ${i}`,
          sql: sql`select pg_sleep(${slot('seconds', 'double precision')}), ${slot('n', 'integer')}::integer + 1`,
          merge: 'lateral',
        },
        { seconds: 0.6, n: i },
      ),
    ),
  )
  await holds(executor, 'pg_sleep', 1)
  await Promise.all(others)
})

test('a full queue refuses the newest call of the caller with the most calls, and accepts the call of another', async (t) => {
  const executor = await opened(t, 5_000)
  const greedy = clientOf(executor, 'greedy')
  const held = Array.from({ length: 6 }, (_, i) => clientOf(executor, `h${i}`).transaction(({ run }) => run(HOLD, {})))
  await holds(executor, 'pg_advisory', 6)
  const many = Array.from({ length: 1_000 }, () => codeOf(greedy.transaction(({ run }) => run(QUICK, { n: 1 }))))
  const other = codeOf(clientOf(executor, 'other').transaction(({ run }) => run(QUICK, { n: 2 })))
  await executor.release()
  assert.equal(await other, 'done')
  const codes = await Promise.all(many)
  assert.ok(codes.filter((code) => code === 'overloaded').length >= 1)
  await Promise.all(held)
})
