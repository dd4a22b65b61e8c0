import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { Failure } from '../../src/base/failure.ts'
import { literal, slot, sql } from '../../src/base/sql/sql.ts'
import type { Statement } from '../../src/base/sql/statement.ts'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { testDatabase } from '../support/database.ts'
import { PATIENCE } from '../support/patience.ts'

const SLEEP: Statement = { name: 'sleep', sql: sql`select pg_sleep(${slot('seconds', 'double precision')})` }
const DOUBLE: Statement = { name: 'double', sql: sql`select ${slot('n', 'bigint')} * 2`, merge: 'lateral' }
const RISKY: Statement = { name: 'risky', sql: sql`select 10 / ${slot('n', 'bigint')}`, merge: 'lateral' }

test('slow statements do not delay other callers, and calls that cannot run in time are refused', { timeout: 30_000 }, async (t) => {
  const database = await testDatabase()
  const executor = openExecutor({ url: database.url, connections: 4, statementTimeoutMs: 5_000 })
  t.after(async () => {
    await executor.close()
    await database.drop()
  })
  await executor.run(DOUBLE, { n: 1 })
  let over = 0
  const slow = Array.from({ length: 3 }, () => executor.run(SLEEP, { seconds: 2.5 }).then(() => over++))
  assert.deepEqual(await executor.run(DOUBLE, { n: 21 }), [['42']])
  assert.equal(over, 0, 'a quick call waited for slow ones')
  await Promise.all(slow)
})

test('too many slow calls are refused with Retry-After, while the reserved connections answer', {
  timeout: 30_000,
}, async (t) => {
  const database = await testDatabase()
  const executor = openExecutor({ url: database.url, connections: 2, statementTimeoutMs: 5_000 })
  t.after(async () => {
    await executor.close()
    await database.drop()
  })
  await executor.runReserved(DOUBLE, { n: 1 })
  const flood = Array.from({ length: 1_200 }, () =>
    executor.run(SLEEP, { seconds: 2.5 }).then(
      () => 'done',
      (error: unknown) => error,
    ),
  )
  assert.deepEqual(await executor.runReserved(DOUBLE, { n: 4 }), [['8']])
  const ends = await Promise.all(flood)
  const refused = ends.filter((end) => end instanceof Failure && end.code === 'overloaded' && end.retryAfterSeconds === 1)
  assert.ok(refused.length > 1_150, `${refused.length} refused`)
  assert.equal(refused.length + ends.filter((end) => end === 'done').length, 1_200)
  assert.deepEqual(await executor.run(DOUBLE, { n: 5 }), [['10']])
})

test('every kind of call ends the quiet time, except reserved calls', async (t) => {
  const database = await testDatabase()
  t.after(() => database.drop())
  type Executor = ReturnType<typeof openExecutor>
  const quietAfter = async (call: (executor: Executor) => Promise<unknown>): Promise<number> => {
    const executor = openExecutor({ url: database.url, connections: 1, statementTimeoutMs: 5_000 })
    await call(executor)
    const quiet = executor.quietMs()
    await executor.close()
    return quiet
  }
  const client = { key: 'ada', gone: () => false }
  const calls: readonly ((executor: Executor) => Promise<unknown>)[] = [
    (executor) => executor.run(DOUBLE, { n: 1 }),
    (executor) => executor.forClient(client).run(DOUBLE, { n: 1 }),
    (executor) => executor.runAll(DOUBLE, [{ n: 1 }]),
    (executor) => executor.runInOrder([DOUBLE], { n: 1 }),
    (executor) => executor.transaction(async ({ run }) => run(DOUBLE, { n: 1 })),
  ]
  for (const call of calls) assert.ok(Number.isFinite(await quietAfter(call)), `${call}`)
  assert.equal(await quietAfter((executor) => executor.runReserved(DOUBLE, { n: 1 })), Number.POSITIVE_INFINITY)
})

test('after many calls that ran alone, a call is sent before the next turn of the event loop, and calls made together still merge', async (t) => {
  const database = await testDatabase()
  const order: string[] = []
  const executor = openExecutor({
    url: database.url,
    connections: 2,
    statementTimeoutMs: 5_000,
    onStatement: (_, text) => order.push(text.includes('unnest') ? 'merged' : 'single'),
  })
  t.after(async () => {
    await executor.close()
    await database.drop()
  })
  /** What is sent before and after the turn of the event loop in which these calls are made. */
  const sentBy = async (many: number) => {
    order.length = 0
    setImmediate(() => order.push('next turn'))
    await Promise.all(Array.from({ length: many }, (_, n) => executor.run(DOUBLE, { n })))
    return order.join()
  }
  assert.equal(await sentBy(1), 'next turn,single')
  for (let n = 0; n < 20; n++) await executor.run(DOUBLE, { n })
  assert.equal(await sentBy(1), 'single,next turn')
  assert.equal(await sentBy(2), 'merged,next turn')
  assert.equal(await sentBy(2), 'next turn,merged')
})

test('a call that fails in a merged statement fails alone', async (t) => {
  const database = await testDatabase()
  const executor = openExecutor({ url: database.url, connections: 1, statementTimeoutMs: 5_000 })
  t.after(async () => {
    await executor.close()
    await database.drop()
  })
  const ends = await Promise.all(
    [5, 0, 2, 0, 1].map((n) =>
      executor.run(RISKY, { n }).then(
        (rows) => rows[0]?.[0],
        (error: { code: string }) => error.code,
      ),
    ),
  )
  assert.deepEqual(ends, ['2', '22012', '5', '22012', '10'])
})

test('a lost connection fails its running calls and no later ones', async (t) => {
  const database = await testDatabase()
  const executor = openExecutor({ url: database.url, connections: 1, statementTimeoutMs: 5_000 })
  t.after(async () => {
    await executor.close()
    await database.drop()
  })
  const [[pid] = []] = await executor.run({ name: 'pid', sql: sql`select pg_backend_pid()` }, {})
  // The rejection is expected now, because the connection may be lost before the test awaits it.
  const sleeping = assert.rejects(executor.run(SLEEP, { seconds: 4 }))
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const begun = "select 1 from pg_stat_activity where pid = $1 and state = 'active' and query like '%pg_sleep%'"
  while ((await client.query(begun, [pid])).rowCount === 0) await sleep(10)
  await client.query('select pg_terminate_backend($1)', [pid])
  await client.end()
  await sleeping
  assert.deepEqual(await executor.run(DOUBLE, { n: 3 }), [['6']])
})

/** For n = 0 the statement fails, and its connection is closed right after the error. */
const FATAL: Statement = {
  name: 'fatal',
  sql: sql`select case when ${slot('n', 'bigint')} = 0 then 10 / (pg_terminate_backend(pg_backend_pid())::int - 1) else 10 / ${slot('n', 'bigint')} end`,
  merge: 'lateral',
}

test('merged calls get their own answers, also when the connection is lost right after their statement has failed', async (t) => {
  const database = await testDatabase()
  // While this process is blocked, the error and the end of the connection both arrive, so that it reads them together.
  const lookAway = () => setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200))
  const executor = openExecutor({
    url: database.url,
    connections: 1,
    statementTimeoutMs: 5_000,
    onStatement: (_, text) => (text.includes('unnest') ? lookAway() : undefined),
  })
  t.after(async () => {
    await executor.close()
    await database.drop()
  })
  await executor.run(DOUBLE, { n: 1 })
  const ends = await Promise.all(
    [5, 1, 2, 0].map((n) =>
      executor.run(FATAL, { n }).then(
        (rows) => rows[0]?.[0],
        (error: { code: string }) => error.code,
      ),
    ),
  )
  assert.deepEqual(ends, ['2', '10', '5', '22012'])
})

test('a refused transaction writes nothing, and its connection stays usable', async (t) => {
  const database = await testDatabase()
  const executor = openExecutor({ url: database.url, connections: 1, statementTimeoutMs: 5_000 })
  t.after(async () => {
    await executor.close()
    await database.drop()
  })
  await executor.run({ name: 'make', sql: sql`create table public.notes (n bigint)` }, {})
  const insert: Statement = { name: 'insert', sql: sql`insert into notes values (${slot('n', 'bigint')})` }
  await assert.rejects(
    executor.transaction(async ({ run }) => {
      await run(insert, { n: 1 })
      await run(RISKY, { n: 0 })
    }),
  )
  await executor.transaction(({ run }) => run(insert, { n: 2 }))
  const all: Statement = { name: 'all', sql: sql`select n from notes` }
  assert.deepEqual(await executor.run(all, {}), [['2']])
  await assert.rejects(executor.transaction(({ run }) => run(RISKY, { n: 0 }).catch(() => 'what failed cannot be ignored')))
  // After a lost connection every statement is refused, because on a new connection it would be outside of the transaction.
  const refusals: string[] = []
  await assert.rejects(
    executor.transaction(async ({ run }) => {
      await run(insert, { n: 3 })
      const [[pid] = []] = await run({ name: 'pid', sql: sql`select pg_backend_pid()` }, {})
      await executor.runReserved({ name: 'kill', sql: sql`select pg_terminate_backend(${slot('pid', 'integer')})` }, { pid: pid ?? null })
      await sleep(100)
      for (const n of [4, 5]) await run(insert, { n }).catch((error: Error) => refusals.push(error.message))
      await run(insert, { n: 6 })
    }),
    /Connection terminated/,
  )
  assert.equal(refusals.length, 2)
  assert.deepEqual(await executor.run(all, {}), [['2']])
})

test('the prepared statements of a connection are limited, with any requests', { timeout: 30_000 }, async (t) => {
  const database = await testDatabase()
  const executor = openExecutor({ url: database.url, connections: 1, statementTimeoutMs: 5_000 })
  t.after(async () => {
    await executor.close()
    await database.drop()
  })
  const longText = (n: number, length: number): Statement => ({ name: 'long', sql: sql`select ${literal(`${n} `.padEnd(length, 'x'))}` })
  const kept: Statement = {
    name: 'kept',
    sql: sql`select count(*), max(length(statement)), sum(length(statement)) from pg_prepared_statements`,
  }
  for (let n = 0; n < 60; n++) {
    assert.equal((await executor.run(longText(n, 20_000), {})).length, 1)
    const [row] = await executor.run(kept, {})
    assert.ok(Number(row?.[2]) < 600_000, `${row?.[2]} characters are prepared`)
    if (n === 10) assert.ok(Number(row?.[0]) > 10, 'what fits stays prepared')
  }
  await executor.run(longText(60, 100_000), {})
  const [row] = await executor.run(kept, {})
  assert.ok(Number(row?.[1]) < 50_000, `a text of ${row?.[1]} characters is prepared`)
})

test('merged calls that time out delay other calls by seconds, not by minutes', { timeout: 60_000 }, async (t) => {
  const database = await testDatabase()
  const executor = openExecutor({ url: database.url, connections: 1, statementTimeoutMs: 1_000 })
  t.after(async () => {
    await executor.close()
    await database.drop()
  })
  const slow: Statement = { name: 'slow', sql: sql`select pg_sleep(${slot('seconds', 'double precision')})`, merge: 'lateral' }
  const began = performance.now()
  const ends = await Promise.all(
    Array.from({ length: 21 }, () =>
      executor.run(slow, { seconds: 5 }).then(
        () => 'done',
        (error: unknown) => (error instanceof Failure ? error.code : 'canceled'),
      ),
    ),
  )
  // The first call runs alone for 1 s, the second for 1 s; then the time limit of the others has passed.
  assert.ok(performance.now() - began < 10_000, `${Math.round(performance.now() - began)} ms`)
  assert.ok(ends.filter((end) => end === 'overloaded').length >= 15, ends.join())
  assert.ok(ends.filter((end) => end === 'canceled').length >= 2, ends.join())
})

test('a transaction is stopped at its timeout during a statement, and its connection stays usable', { timeout: 120_000 }, async (t) => {
  const database = await testDatabase()
  const executor = openExecutor({ url: database.url, connections: 1, statementTimeoutMs: 60_000 })
  t.after(async () => {
    await executor.close()
    await database.drop()
  })
  await executor.run({ name: 'make', sql: sql`create table public.notes (n bigint)` }, {})
  const insert: Statement = { name: 'insert', sql: sql`insert into notes values (${slot('n', 'bigint')})` }
  const timedOut = (error: unknown) => error instanceof Failure && error.code === 'statement_timeout'
  const began = performance.now()
  const asleep = executor.transaction(
    async ({ run }) => {
      await run(insert, { n: 1 })
      await run(SLEEP, { seconds: 30 })
    },
    { withinMs: 300 },
  )
  await assert.rejects(asleep, timedOut)
  // The time between statements counts, too.
  const idle = executor.transaction(
    async ({ run }) => {
      await run(insert, { n: 2 })
      await sleep(400)
    },
    { withinMs: 300 },
  )
  await assert.rejects(idle, timedOut)
  assert.ok(performance.now() - began < 20_000)
  await executor.transaction(({ run }) => run(insert, { n: 3 }), { withinMs: 20_000 })
  await sleep(400)
  assert.deepEqual(await executor.run({ name: 'all', sql: sql`select n from notes` }, {}), [['3']])
})

test('work for a disconnected client is cancelled or not started, and the work of other clients continues', {
  timeout: 120_000,
}, async (t) => {
  const database = await testDatabase()
  const executor = openExecutor({ url: database.url, connections: 1, statementTimeoutMs: 5_000, patience: PATIENCE })
  t.after(async () => {
    await executor.close()
    await database.drop()
  })
  await executor.run(DOUBLE, { n: 1 })
  let hungUp = false
  const leaving = executor.forClient({ gone: () => hungUp, key: 'one' })
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof Failure ? error.code : String(error)),
    )
  const began = performance.now()
  const running = codeOf(leaving.run(SLEEP, { seconds: 30 }))
  const waiting = [codeOf(leaving.run(DOUBLE, { n: 1 })), codeOf(leaving.transaction(({ run }) => run(DOUBLE, { n: 1 })))]
  const staying = executor.run(DOUBLE, { n: 4 })
  await sleep(150)
  hungUp = true
  assert.deepEqual(await Promise.all([running, ...waiting]), ['client_gone', 'client_gone', 'client_gone'])
  assert.deepEqual(await staying, [['8']])
  assert.ok(performance.now() - began < 15_000)
  assert.deepEqual(await executor.run(DOUBLE, { n: 5 }), [['10']])
})

test('the timeout of a transaction begins when it has a connection', { timeout: 30_000 }, async (t) => {
  const database = await testDatabase()
  const { port, hostname, searchParams } = new URL(database.url)
  const folder = searchParams.get('host')
  const slow = createServer((client) => {
    setTimeout(() => {
      const server = folder === null ? connect(Number(port || 5432), hostname) : connect(`${folder}/.s.PGSQL.${port || 5432}`)
      for (const socket of [client, server]) socket.on('error', () => {})
      client.pipe(server).pipe(client)
    }, 1_500)
  }).listen(0, '127.0.0.1')
  await once(slow, 'listening')
  const url = new URL(database.url)
  url.searchParams.delete('host')
  url.hostname = '127.0.0.1'
  url.port = String((slow.address() as AddressInfo).port)
  const executor = openExecutor({ url: url.href, connections: 1, statementTimeoutMs: 5_000 })
  t.after(async () => {
    await executor.close()
    slow.close()
    await database.drop()
  })
  assert.deepEqual(await executor.transaction((runner) => runner.run(DOUBLE, { n: 2 }), { withinMs: 1_300 }), [['4']])
})
