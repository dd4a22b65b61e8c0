/** An error that code of the design throws where nothing catches it does not end the process. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { newPem } from '../identity/instances.ts'
import { freePort, PLINTH, start } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'
import { until } from './crash-state.ts'

const WAYS = ['timer', 'interval', 'microtask', 'listener', 'stream', 'promise', 'async function', 'nothing']

test('errors that nothing catches are logged with their place, and the same process answers afterwards', async (t) => {
  const database = await testDatabase()
  t.after(() => database.drop())
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = {
    DATABASE_URL: database.url,
    PORT: String(port),
    HOST: '127.0.0.1',
    PUBLIC_URL: url,
    AUTH_KEYS: newPem(),
    NODE_ENV: 'production',
  }
  const cwd = join(import.meta.dirname, 'designs')
  const server = start(t, [...PLINTH, 'serve', '--migrate', 'stray.yaml'], { cwd, env })
  await server.until(/"msg":"listening"/)
  const post = (path: string, body: object): Promise<Response> =>
    fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const processId = async (): Promise<{ readonly pid: number }> =>
    (await fetch(`${url}/api/actions/process`)).json() as Promise<{ readonly pid: number }>
  const lines = (): readonly Record<string, unknown>[] =>
    server
      .output()
      .split('\n')
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
  const before = await processId()
  for (const how of WAYS) {
    assert.equal((await post('/api/actions/stray', { how })).status, 204, how)
    assert.equal((await fetch(`${url}/health/live`)).status, 200, how)
  }
  assert.equal((await post('/api/actions/stray', { how: 'throw' })).status, 500)
  assert.equal((await post('/api/actions/stray', { how: 'job' })).status, 204)
  assert.equal((await post('/api/things', { how: 'hook' })).status, 500)
  assert.equal((await post('/api/things', { how: 'reaction' })).status, 201)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    await client.query("insert into plinth.jobs (kind, payload, unique_key) values ('schedule:schedule', '{}', '')")
    await until('job, schedule and reaction have failed', async () => {
      const { rows } = await client.query('select count(*)::int as dead from plinth.dead_jobs')
      const { rows: waiting } = await client.query('select count(*)::int as failed from plinth.event_waiting where attempt > 0')
      return rows[0].dead === 2 && waiting[0].failed === 1
    })
  } finally {
    await client.end()
  }
  assert.deepEqual(await processId(), before)
  const stray = lines().filter(({ msg }) => /nothing (catches|waits for)$/.test(String(msg)))
  assert.ok(stray.every(({ level }) => level === 'error'))
  const count = (text: string): number => stray.filter(({ err }) => String(err).includes(`Error: ${text}\n`)).length
  // Timers of the action, the hook and the job throw at one place; of the schedule and the action, too.
  for (const text of ['timer', 'interval', 'microtask', 'listener', 'stream', 'promise', 'async function'])
    assert.equal(count(text), 1, text)
  for (const { err, at } of stray) if (/Error: /.test(String(err))) assert.match(String(at), /^stray\.mjs:\d+:\d+$/)
  // A stop as usual gives load balancers five seconds.
  process.kill(before.pid, 'SIGKILL')
  await server.ended
})
