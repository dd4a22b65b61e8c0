/** Large bodies and answers of routes of code: they count like those of Plinth's own endpoints, and together with them. */

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { RoutesPlugin } from '../../src/design/authoring/context-types.ts'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { declareRoutes } from '../../src/server/code-routes/declare-routes.ts'
import { startServer } from '../../src/server/process/server.ts'
import { until } from '../events/events-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

// biome-ignore lint/suspicious/noExplicitAny: the tables of a design that the test makes
type Plugin = RoutesPlugin<any, any>

const MEGABYTE = 1_000_000

async function open(t: TestContext, routes: Plugin) {
  const note = { fields: { text: { type: 'text' } }, access: { read: 'true', create: 'true', update: 'true', delete: 'true' } }
  const { model } = await declareRoutes(modelFrom({ name: 'sizes', entities: { Note: note }, routes }), NO_SOURCE)
  assert.ok(model !== null)
  return testBackend(t, model)
}

test('large bodies are handled two at a time, also where the handler answers later', async (t) => {
  const gate = Promise.withResolvers<void>()
  let running = 0
  const world = await open(t, (app) => {
    app.post('/wait', (request, reply) => {
      running++
      void gate.promise.then(() => reply.send({ length: (request.body as { text: string }).text.length }))
    })
  })
  const body = { text: 'x'.repeat(MEGABYTE) }
  const post = () => world.ask('POST', '/wait', { body })
  const first = [post(), post()]
  await until('both', () => (running === 2 ? true : null))
  // Rows wait for the same room.
  const refused = await Promise.all([post(), world.ask('POST', '/api/notes', { body })])
  assert.deepEqual(
    refused.map(({ status, json }) => [status, json.code]),
    [
      [503, 'overloaded'],
      [503, 'overloaded'],
    ],
  )
  assert.equal(running, 2)
  assert.equal((await world.ask('POST', '/api/notes', { body: { text: 'small' } })).status, 201)
  gate.resolve()
  assert.deepEqual(
    (await Promise.all(first)).map(({ json }) => json),
    [{ length: MEGABYTE }, { length: MEGABYTE }],
  )
  assert.equal((await post()).status, 200)
})

/** Asks for a path, reads the first bytes of the answer, and then nothing. */
function unread(url: string, path: string): Promise<{ readonly status: number; destroy(): void }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' })
    socket.on('error', reject)
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`)
    socket.once('data', (bytes) => {
      socket.pause()
      resolve({ status: Number(String(bytes).slice(9, 12)), destroy: () => socket.destroy() })
    })
  })
}

test('large answers that nobody reads count until their connection is closed', async (t) => {
  const text = 'x'.repeat(15 * MEGABYTE)
  const { backend } = await open(t, (app) => {
    app.get('/large', async () => text)
    app.get('/bytes', async () => Buffer.from(text))
    app.get('/small', async () => 'small')
  })
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { handle: backend.handle, close: async () => {} } })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  const held = [await unread(server.url, '/large'), await unread(server.url, '/bytes')]
  assert.deepEqual(
    held.map(({ status }) => status),
    [200, 200],
  )
  const refused = await fetch(`${server.url}/large`)
  assert.deepEqual([refused.status, ((await refused.json()) as { code: string }).code], [503, 'overloaded'])
  assert.equal(await (await fetch(`${server.url}/small`)).text(), 'small')
  for (const each of held) each.destroy()
  await until('room', async () => ((await (await fetch(`${server.url}/large`)).text()).length === text.length ? true : null))
})
