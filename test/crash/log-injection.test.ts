/** What callers send forges no line of the log: each line is one JSON object, and there are as many as there were events. */

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { newPem } from '../identity/instances.ts'
import { freePort, PLINTH, start } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'
import { until } from './crash-state.ts'

const LINE = '{"level":"error","msg":"forged","time":"2026-01-01T00:00:00.000Z"}'
const VALUES = [`x\n${LINE}`, `x\r\n${LINE}\r\n`, `"}\n${LINE}`, `x\u2028${LINE}`, `x\u0085${LINE}`, `\u001b[2J\n${LINE}\n`, `x\\n${LINE}`]

/** Sends bytes as they are, so that no client refuses them. */
function raw(port: number, head: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(head))
    socket.on('error', reject)
    socket.on('data', () => {})
    socket.on('close', () => resolve())
  })
}

test('values of requests, of code, of jobs and of reactions begin no line of the log', async (t) => {
  const database = await testDatabase()
  t.after(() => database.drop())
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = {
    ...{ DATABASE_URL: database.url, PORT: String(port), HOST: '127.0.0.1', PUBLIC_URL: url, AUTH_KEYS: newPem() },
    ...{ NODE_ENV: 'production', LOG_LEVEL: 'debug', WATCHDOG_SECONDS: 'off' },
  }
  const server = start(t, [...PLINTH, 'serve', '--migrate', 'forged.yaml'], { cwd: join(import.meta.dirname, 'designs'), env })
  await server.until(/"msg":"listening"/)
  const post = async (path: string, body: object): Promise<number> =>
    (await fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).status
  for (const text of VALUES) {
    assert.equal(await post('/api/things', { text }), 201)
    assert.equal(await post('/api/actions/act', { text }), 204)
    assert.equal(await post('/api/actions/throwing', { text }), 500)
    assert.equal(await post('/api/things', { [text]: 1 }), 400)
    assert.equal((await fetch(`${url}/api/${encodeURIComponent(text)}`)).status, 404)
    assert.equal((await fetch(`${url}/api/things?${encodeURIComponent(text)}=${encodeURIComponent(text)}`)).status, 400)
    const bytes = Buffer.from(text).toString('latin1')
    const fields = ['User-Agent', 'traceparent', 'Idempotency-Key', 'Authorization', 'X-Request-Id', 'Referer']
    for (const field of fields) await raw(port, `GET /api/things HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${field}: ${bytes}\r\n\r\n`)
    await raw(port, `GET /api/${bytes} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  }
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    await until('jobs and reactions have failed', async () => {
      const { rows } = await client.query(
        'select (select count(*) from plinth.dead_jobs)::int as dead, (select count(*) from plinth.event_waiting where attempt > 0)::int as failed',
      )
      return rows[0].dead === VALUES.length && rows[0].failed === VALUES.length
    })
  } finally {
    await client.end()
  }
  await fetch(`${url}/health/live`)
  server.process.kill('SIGKILL')
  await server.ended
  const lines = server
    .output()
    .split('\n')
    .filter((line) => line !== '')
  const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.ok(
    parsed.every((line) => typeof line === 'object' && line !== null && typeof line.level === 'string' && typeof line.time === 'string'),
  )
  assert.deepEqual(
    parsed.filter(({ msg }) => msg === 'forged'),
    [],
  )
  const count = (has: (line: Record<string, unknown>) => boolean): number => parsed.filter(has).length
  // Two of the hook and the action, one of the job, for each value.
  const ofCode = (level: string) => count((line) => line.level === level && VALUES.some((text) => String(line.msg).includes(text)))
  assert.deepEqual([ofCode('info'), ofCode('warn'), ofCode('error')], [VALUES.length, VALUES.length, VALUES.length])
  assert.equal(
    count(({ msg }) => msg === 'jobs: failed'),
    VALUES.length,
  )
  assert.ok(count(({ msg }) => msg === 'events: reaction-failed') >= VALUES.length)
  // Errors that nothing catches are named once for each place.
  assert.equal(
    count(({ msg }) => /nothing catches/.test(String(msg))),
    1,
  )
})
