import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Answering, startServer } from './server.ts'
import { holdRequests } from './starting.ts'

const backend: Answering = { handle: (request, response) => response.end(`answered ${request.url}`), close: async () => {} }

test('a request before the backend is ready waits for it, and health answers that it is not ready', { timeout: 60_000 }, async (t) => {
  const starting = holdRequests()
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: starting })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  let early = ''
  const waits = fetch(`${server.url}/api/posts`).then(async (response) => {
    early = await response.text()
  })
  assert.equal((await fetch(`${server.url}/health/live`)).status, 200)
  const ready = await fetch(`${server.url}/health/ready`)
  assert.deepEqual([ready.status, await ready.json()], [503, { status: 'starting' }])
  await wait(50)
  assert.equal(early, '')
  starting.release(backend)
  await server.replace(backend)
  await waits
  assert.equal(early, 'answered /api/posts')
  assert.equal(await (await fetch(`${server.url}/x`)).text(), 'answered /x')
})

test('a failed start closes the connections of waiting requests', { timeout: 60_000 }, async () => {
  const starting = holdRequests()
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: starting })
  const waits = assert.rejects(fetch(`${server.url}/api/posts`))
  await wait(50)
  await server.drain({ noticeMs: 0, drainMs: 0 })
  await waits
})
