/** The shares of connections on a real database: one caller cannot stop the others. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../../src/base/failure.ts'
import { slot, sql } from '../../src/base/sql/sql.ts'
import type { Statement } from '../../src/base/sql/statement.ts'
import { type Executor, openExecutor } from '../../src/postgres/executor/execute.ts'
import { testDatabase } from '../support/database.ts'

const CONNECTIONS = 10
const QUICK: Statement = { name: 'quick', sql: sql`select ${slot('n', 'integer')} * 2`, merge: 'lateral' }
const SLEEP: Statement = { name: 'sleep', sql: sql`select pg_sleep(${slot('seconds', 'double precision')})`, merge: 'lateral' }
const CHANGE: Statement = {
  name: 'change',
  sql: sql`update notes set n = n + 1 where id = ${slot('id', 'integer')} returning n`,
  distinct: ['id'],
}

async function opened(t: TestContext, statementTimeoutMs: number, onStatement?: (name: string) => void): Promise<Executor> {
  const database = await testDatabase()
  const executor = openExecutor({
    url: database.url,
    connections: CONNECTIONS,
    statementTimeoutMs,
    ...(onStatement === undefined ? {} : { onStatement }),
  })
  t.after(async () => {
    await executor.close()
    await database.drop()
  })
  await executor.run({ name: 'table', sql: sql`create table notes (id integer primary key, n integer not null)` }, {})
  await executor.run({ name: 'rows', sql: sql`insert into notes select i, 0 from generate_series(1, 20) i` }, {})
  return executor
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

/** Waits until so many statements of this kind run, and a little longer. @throws AssertionError when another number runs. */
async function holds(executor: Executor, part: string, many: number): Promise<void> {
  const until = performance.now() + 900
  while ((await runningOf(executor, part)) < many && performance.now() < until) await sleep(20)
  await sleep(100)
  assert.equal(await runningOf(executor, part), many)
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Failure ? error.code : String(error)),
  )

test('the transactions of one caller hold three connections of ten, and another caller is answered at once', async (t) => {
  const executor = await opened(t, 5_000)
  const greedy = clientOf(executor, 'greedy')
  const all = Array.from({ length: 16 }, () => codeOf(greedy.transaction(({ run }) => run(SLEEP, { seconds: 1.6 }))))
  await holds(executor, 'pg_sleep', 3)
  const began = performance.now()
  assert.deepEqual(await clientOf(executor, 'other').run(QUICK, { n: 2 }), [['4']])
  assert.ok(performance.now() - began < 200, `${performance.now() - began} ms`)
  const codes = await Promise.all(all)
  assert.ok(codes.filter((code) => code === 'done').length >= 6, codes.join())
})

test('transactions that begin leave places for statements, and a statement is sent before their own', async (t) => {
  const sent: string[] = []
  const executor = await opened(t, 5_000, (name) => sent.push(name))
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
  const all = Array.from({ length: 12 }, (_, i) =>
    codeOf(clientOf(executor, `caller ${i}`).transaction(({ run }) => run(SLEEP, { seconds: 1.5 }))),
  )
  await holds(executor, 'pg_sleep', 6)
  const began = performance.now()
  await clientOf(executor, 'other').run(QUICK, { n: 2 })
  assert.ok(performance.now() - began < 200, `${performance.now() - began} ms`)
  assert.deepEqual(new Set(await Promise.all(all)), new Set(['done']))
})

test('calls of any callers that write one locked row hold one connection, and other rows are written', async (t) => {
  const executor = await opened(t, 5_000)
  const locked = clientOf(executor, 'holder').transaction(async ({ run }) => {
    await run(CHANGE, { id: 1 })
    await run(SLEEP, { seconds: 1 })
  })
  await sleep(150)
  const waiting = Array.from({ length: 12 }, (_, i) => clientOf(executor, `waiter ${i}`).run(CHANGE, { id: 1 }))
  await sleep(300)
  assert.equal(await runningOf(executor, 'update notes'), 1)
  const began = performance.now()
  assert.deepEqual(await clientOf(executor, 'other').run(CHANGE, { id: 2 }), [['1']])
  assert.ok(performance.now() - began < 200, `${performance.now() - began} ms`)
  await locked
  const rows = await Promise.all(waiting)
  assert.deepEqual(
    rows.map(([row]) => Number(row?.[0])).sort((a, b) => a - b),
    Array.from({ length: 12 }, (_, i) => i + 2),
  )
})

test('after a statement has timed out, all callers together get one connection for it', async (t) => {
  const executor = await opened(t, 1_000)
  await codeOf(clientOf(executor, 'first').run(SLEEP, { seconds: 9 }))
  const all = Array.from({ length: 8 }, (_, i) => codeOf(clientOf(executor, `caller ${i}`).run(SLEEP, { seconds: 9 })))
  await holds(executor, 'pg_sleep', 1)
  const began = performance.now()
  await clientOf(executor, 'other').run(QUICK, { n: 2 })
  assert.ok(performance.now() - began < 200, `${performance.now() - began} ms`)
  const codes = await Promise.all(all)
  assert.ok(
    codes.every((code) => code !== 'done'),
    codes.join(),
  )
})

test('a caller whose statement has timed out gets only one connection for a while, for any request', async (t) => {
  const executor = await opened(t, 1_000)
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
  const held = Array.from({ length: 6 }, (_, i) => clientOf(executor, `h${i}`).transaction(({ run }) => run(SLEEP, { seconds: 1.5 })))
  await sleep(100)
  const many = Array.from({ length: 1_000 }, () => codeOf(greedy.transaction(({ run }) => run(QUICK, { n: 1 }))))
  const other = codeOf(clientOf(executor, 'other').transaction(({ run }) => run(QUICK, { n: 2 })))
  assert.equal(await other, 'done')
  const codes = await Promise.all(many)
  assert.ok(codes.filter((code) => code === 'overloaded').length >= 1)
  await Promise.all(held)
})
