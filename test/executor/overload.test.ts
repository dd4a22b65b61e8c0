/** The answers to all callers while the database is blocked. */

import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import blog from '../../examples/blog/design.ts'
import { startServer } from '../../src/server/process/server.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { processorWait } from '../support/processor-wait.ts'
import { flood, type Seen, type Sent, send } from './flood.ts'

const PASSWORD = 'Correct-horse-7'
const CALLERS = 1_000

/** Tokens of several accounts, because one caller never gets all connections. */
async function signUp(ask: Awaited<ReturnType<typeof start>>['ask'], many: number): Promise<readonly string[]> {
  const tokens: string[] = []
  for (let i = 0; i < many; i++) {
    const body = { name: `Caller ${i}`, email: `caller${i}@example.com`, password: PASSWORD }
    tokens.push((await ask('POST', '/api/auth/register', { body })).json.token)
  }
  return tokens
}

async function start(t: TestContext) {
  const backend = await testBackend(t, modelFrom(blog), { patience: 1 })
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { handle: backend.backend.handle, close: async () => {} } })
  const agent = new Agent({ keepAlive: true })
  t.after(async () => {
    agent.destroy()
    await server.drain({ noticeMs: 0, drainMs: 1_000 })
  })
  const port = Number(new URL(server.url).port)
  return { ...backend, port, send: (sent: Sent) => send(port, sent, agent) }
}

test('a thousand requests on a blocked database are refused within three seconds, health and login work, and the server recovers', {
  timeout: 120_000,
}, async (t) => {
  const { ask, sql, send, port, databaseUrl } = await start(t)
  const credentials = { email: 'ann@example.com', password: PASSWORD }
  const { token } = (await ask('POST', '/api/auth/register', { body: { name: 'Ann', ...credentials } })).json
  await sql("insert into posts (title, body, author_id) select 'Post ' || i, 'x', (select id from users) from generate_series(1, $1) i", [
    CALLERS,
  ])
  const ids = (await sql('select id from posts order by id')).map((row) => String(row.id))
  const change = (id: string | undefined): Sent => ({ method: 'PATCH', path: `/api/posts/${id}`, token, body: { title: 'Changed' } })
  assert.equal((await send(change(ids[0]))).status, 200)
  const holder = new pg.Client({ connectionString: databaseUrl })
  holder.on('error', () => {})
  await holder.connect()
  await holder.query('begin; lock table posts in exclusive mode')

  const waited = processorWait()
  const flooding = flood(port, ids.map(change))
  let isOver = false
  const vital: Seen[] = []
  const watch = async (method: string, path: string, body?: unknown) => {
    while (!isOver) {
      vital.push(await send({ method, path, ...(body === undefined ? {} : { body }) }))
      await sleep(300)
    }
  }
  const watching = [watch('GET', '/health/live'), watch('GET', '/health/ready'), watch('POST', '/api/auth/login', credentials)]
  const answers = await flooding
  isOver = true
  await Promise.all(watching)
  await holder.query('rollback')
  await holder.end()
  const late = waited()
  const released = performance.now()

  const shed = answers.filter((a) => a.status === 503)
  const held = answers.filter((a) => a.status !== 503)
  const slowest = Math.max(...shed.map((a) => a.ms))
  t.diagnostic(
    `${shed.length} of ${CALLERS} shed, the last after ${Math.round(slowest)} ms; ${vital.length} vital answers, the slowest in ${Math.round(Math.max(...vital.map((v) => v.ms)))} ms`,
  )
  assert.ok(held.length <= 30, `${held.length} were held`)
  assert.deepEqual(new Set(held.map((a) => a.code)), new Set(['write_conflict']))
  assert.deepEqual(new Set(shed.map((a) => `${a.code} ${a.retryAfter}`)), new Set(['overloaded 1']))
  assert.ok(slowest < 3_000 + late, `the last was shed after ${slowest} ms, of which at most ${late} without a processor`)
  assert.deepEqual(new Set(vital.map((v) => v.status)), new Set([200]))

  let recovered = false
  while (!recovered && performance.now() - released < 30_000) recovered = (await send(change(ids[1]))).status === 200
  assert.ok(recovered)
  const after = await flood(port, ids.slice(0, 100).map(change))
  assert.deepEqual(new Set(after.map((a) => a.status)), new Set([200]))
})

test('slow statements run singly, so that other callers wait for them no longer than for a connection', { timeout: 60_000 }, async (t) => {
  const { ask, sql, port } = await start(t)
  const tokens = await signUp(ask, 4)
  await sql('create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(1.5); return new; end $$')
  await sql('create trigger dawdle before insert on posts for each row execute function dawdle()')
  const requests = Array.from({ length: 200 }, (_, i) => ({
    method: 'POST',
    path: '/api/posts',
    token: tokens[i % tokens.length] ?? '',
    body: { title: `Post ${i}`, body: 'x' },
  }))
  const waited = processorWait()
  const answers = await flood(port, requests)
  const late = waited()
  const made = answers.filter((a) => a.status === 201)
  const shed = answers.filter((a) => a.status === 503)
  t.diagnostic(
    `${made.length} created, ${shed.length} shed; the slowest answers ${Math.round(Math.max(...made.map((a) => a.ms)))} and ${Math.round(Math.max(...shed.map((a) => a.ms)))} ms`,
  )
  assert.equal(made.length + shed.length, 200)
  assert.ok(made.length >= 10)
  assert.ok(shed.every((a) => a.retryAfter === '1' && a.ms < 3_000 + late))
  assert.deepEqual(await sql('select count(*)::int as n from posts'), [{ n: made.length }])
})

/** When no statement has run for this many milliseconds, no work is left. */
const QUIET_MS = 500

test('the work of disconnected callers is cancelled or not started', { timeout: 60_000 }, async (t) => {
  const { ask, sql, port, send: sendOne, databaseUrl } = await start(t)
  const tokens = await signUp(ask, 5)
  const [author = ''] = tokens
  const created = await ask('POST', '/api/posts', { token: author, body: { title: 'Post', body: 'x', published: true } })
  const path = String(created.headers.location)
  const holder = new pg.Client({ connectionString: databaseUrl })
  holder.on('error', () => {})
  await holder.connect()
  await holder.query('begin; lock table posts in access exclusive mode')
  const active = async () => {
    const [row] = await sql(
      "select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name = 'plinth' and state = 'active'",
    )
    return Number(row?.n)
  }
  const agent = new Agent({ maxSockets: 500 })
  const asked: readonly Sent[] = Array.from({ length: 500 }, (_, i): Sent => {
    const token = tokens[i % tokens.length] ?? ''
    const document = JSON.stringify({ query: `{ post(id: "${path.split('/').at(-1)}") { title } }` })
    const some: readonly Sent[] = [
      { method: 'GET', path, token },
      { method: 'GET', path: '/api/posts', token },
      { method: 'PATCH', path, token, body: { title: `Changed ${i}` } },
      { method: 'POST', path: '/api/posts', token, body: { title: 'New', body: 'x' } },
      {
        method: 'POST',
        path: '/api/transaction',
        token,
        body: { operations: [{ method: 'POST', path: '/api/posts', body: { title: 'New', body: 'x' } }] },
      },
      { method: 'POST', path: '/graphql', token, body: JSON.parse(document) },
    ]
    return some[i % some.length] ?? { method: 'GET', path }
  })
  const answers = asked.map((one) => orNothing(send(port, one, agent)))
  // Of the ten connections, work that waits for a lock holds six; the others are for statements that are fast.
  while ((await active()) < 6) await sleep(20)
  agent.destroy()
  const hungUp = performance.now()
  const waited = processorWait()
  // A busy server may still be reading earlier requests; their statements must end, too.
  assert.equal((await sendOne({ method: 'GET', path: '/health/live' })).status, 200)
  let quietSince = performance.now()
  while (performance.now() - quietSince < QUIET_MS && performance.now() - hungUp < 10_000) {
    if ((await active()) > 0) quietSince = performance.now()
    await sleep(20)
  }
  const took = quietSince - hungUp
  t.diagnostic(`the last statement was stopped after ${Math.round(took)} ms`)
  assert.ok(took < 2_000 + waited(), `${took} ms`)
  assert.ok((await Promise.all(answers)).every((seen) => seen === null))
  await holder.query('rollback')
  await holder.end()
  assert.equal((await sendOne({ method: 'GET', path, token: author })).status, 200)
  assert.deepEqual(await sql('select title, version::int from posts'), [{ title: 'Post', version: 1 }])
})

/** Null when the connection ended before the answer. */
function orNothing(answer: Promise<Seen>): Promise<Seen | null> {
  return answer.catch(() => null)
}
