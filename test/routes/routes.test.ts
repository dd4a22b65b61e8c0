/** Routes of code: callers, bodies, failures, addresses, and what they do not touch. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { test } from 'node:test'
import { problem } from '../../src/base/problem.ts'
import type { RoutesPlugin } from '../../src/design/authoring/context-types.ts'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import type { Model } from '../../src/model/model.ts'
import { declareRoutes } from '../../src/server/code-routes/declare-routes.ts'
import type { Observation } from '../../src/server/http/observe.ts'
import { startServer } from '../../src/server/process/server.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

// biome-ignore lint/suspicious/noExplicitAny: the tables of a design that the test makes
type Plugin = RoutesPlugin<any, any>

function designWith(routes: unknown) {
  return {
    name: 'notes',
    entities: {
      User: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: { read: 'id == auth.id', create: 'true' },
      },
      Note: {
        fields: {
          text: { type: 'text', max: 20 },
          secret: { type: 'boolean', default: false },
          owner: { type: 'ref', entity: 'User', set: 'auth.id' },
        },
        access: { read: 'owner == auth.id', create: 'auth.id != null', update: 'owner == auth.id', delete: 'false' },
      },
    },
    routes,
  }
}

async function declared(routes: unknown): Promise<Model> {
  const { model, diagnostics } = await declareRoutes(modelFrom(designWith(routes)), NO_SOURCE)
  assert.ok(model !== null, diagnostics.map(({ message }) => message).join())
  return model
}

const plugin: Plugin = (app, { context }) => {
  app.get('/who', async (request) => ({ caller: context(request).caller }))
  app.post('/echo', async (request) => ({ body: request.body }))
  app.get(
    '/sleep',
    { schema: { querystring: { type: 'object', properties: { ms: { type: 'integer', minimum: 0, maximum: 5 } } } } },
    async () => 'ok',
  )
  app.get('/declined', async () => {
    throw problem('declined', { status: 418, message: 'no tea' })
  })
  app.get('/broken', async () => {
    throw new Error('a secret of the code')
  })
  app.get('/rejected', async () => {
    await new Promise((resolve) => setImmediate(resolve))
    throw 'a secret text'
  })
  app.post('/notes/:text', async (request) => {
    const { text } = request.params as { text: string }
    return context(request).transaction(async ({ db }) => {
      await db.Note.create({ text: 'first' })
      return db.Note.create({ text })
    })
  })
  app.get('/system', async (request) => ({ has: 'system' in context(request).db }))
  app.get('/later', (_request, reply) => void setTimeout(() => reply.send('later'), 10))
  app.get('/sent', async (_request, reply) => reply.code(202).send('sent'))
  app.get('/listeners', async (request) => {
    const { signal } = context(request)
    return { listeners: request.raw.socket.listenerCount('close'), isAborted: signal.aborted }
  })
  app.get('/files/*', async (request) => ({ file: (request.params as { '*': string })['*'] }))
}

test('a route knows its caller, and a token that is not valid is refused', async (t) => {
  const world = await testBackend(t, await declared(plugin))
  const [user] = await world.sql("insert into users (email, password) values ('ann@example.com', 'x') returning id")
  const token = await world.tokenFor(String(user?.id))
  assert.equal((await world.ask('GET', '/who', { token })).json.caller.id, user?.id)
  assert.equal((await world.ask('GET', '/who')).json.caller.id, null)
  const forged = await world.ask('GET', '/who', { token: `${token.slice(0, -3)}abc` })
  assert.deepEqual([forged.status, forged.json.code], [401, 'invalid_token'])
  assert.equal((await world.ask('GET', '/system', { token })).json.has, false)
})

test('bodies are JSON, forms or text, and read strictly', async (t) => {
  const { ask } = await testBackend(t, await declared(plugin))
  const post = (body: unknown, type: string) => ask('POST', '/echo', { body, headers: { 'content-type': type } })
  assert.deepEqual((await post('{"a":[1]}', 'application/json')).json, { body: { a: [1] } })
  assert.deepEqual((await post('a=1&b=2&a=3', 'application/x-www-form-urlencoded')).json, { body: { a: ['1', '3'], b: '2' } })
  assert.deepEqual((await post('hello', 'text/plain')).json, { body: 'hello' })
  assert.equal((await post('{"a":1,"a":2', 'application/json')).status, 400)
  for (const body of ['{"__proto__":{"admin":true}}', '{"a":[{"_\\u005fproto__":null}]}'])
    assert.equal((await post(body, 'application/json')).json.code, 'malformed_request', body)
  assert.equal((await post('<a/>', 'application/xml')).status, 415)
  assert.equal((await post(JSON.stringify('x'.repeat(1_100_000)), 'application/json')).status, 413)
})

test('failures are problems: of the code, of a schema, and defects without their details', async (t) => {
  const seen: Observation[] = []
  const { ask } = await testBackend(t, await declared(plugin), { mode: 'production', observe: (of) => void seen.push(of) })
  const declined = await ask('GET', '/declined')
  assert.deepEqual([declined.status, declined.json.code, declined.json.detail], [418, 'declined', 'no tea'])
  const wrong = await ask('GET', '/sleep?ms=9')
  assert.deepEqual([wrong.status, wrong.json.code, wrong.json.detail], [400, 'invalid_parameter', 'parameter "ms": must be <= 5'])
  for (const path of ['/broken', '/rejected']) {
    const broken = await ask('GET', path)
    assert.deepEqual([broken.status, broken.json.code], [500, 'internal_error'])
    assert.ok(!broken.text.includes('secret'))
  }
  const notes = seen.flatMap((of) => (of.kind === 'request-failed' ? (of.failure.note ?? []) : []))
  assert.match(notes[0] ?? '', /^route GET \/broken: Error: a secret of the code \(test\/routes\/routes\.test\.ts:\d+:\d+\)$/)
  assert.equal((await ask('GET', '/who')).status, 200)
})

test('a transaction that fails leaves nothing', async (t) => {
  const world = await testBackend(t, await declared(plugin))
  const [user] = await world.sql("insert into users (email, password) values ('ann@example.com', 'x') returning id")
  const token = await world.tokenFor(String(user?.id))
  assert.equal((await world.ask('POST', '/notes/second', { token })).json.text, 'second')
  const refused = await world.ask('POST', `/notes/${'x'.repeat(30)}`, { token })
  assert.deepEqual([refused.status, refused.json.code], [400, 'validation_failed'])
  assert.equal((await world.ask('GET', '/api/notes', { token })).json.data.length, 2)
  assert.equal((await world.ask('POST', '/notes/second')).status, 401)
})

test('the rest of the backend is as without routes, and a wildcard gets what nothing else answers', async (t) => {
  const { ask, backend } = await testBackend(t, await declared(plugin))
  assert.equal((await ask('GET', '/files/a/b.txt')).json.file, 'a/b.txt')
  assert.equal((await ask('GET', '/nothing')).json.code, 'route_not_found')
  assert.equal((await ask('POST', '/api/notes', { body: 'x', headers: { 'content-type': 'text/plain' } })).status, 415)
  assert.ok(backend.paths.includes('/files/*'))
})

test('a handler may answer later, or by itself', async (t) => {
  const { ask } = await testBackend(t, await declared(plugin))
  assert.deepEqual([(await ask('GET', '/later')).text, (await ask('GET', '/sent')).status], ['later', 202])
})

test('requests of one connection leave nothing on its socket', async (t) => {
  const { backend } = await testBackend(t, await declared(plugin))
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { ...backend, close: async () => {} } })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(async () => {
    agent.destroy()
    await server.drain({ noticeMs: 0, drainMs: 0 })
  })
  const ask = async () => {
    const [response] = (await once(get(`${server.url}/listeners`, { agent }), 'response')) as [IncomingMessage]
    return json(response)
  }
  const first = await ask()
  for (let n = 0; n < 3; n++) assert.deepEqual(await ask(), first)
})

test('as: system gives the tables without rules', async (t) => {
  const { ask } = await testBackend(t, await declared({ run: plugin, as: 'system' }))
  assert.equal((await ask('GET', '/system')).json.has, true)
})

test('a route at an address of Plinth is a finding, and so is a plugin that fails', async () => {
  const findings = async (routes: Plugin) => (await declareRoutes(modelFrom(designWith(routes)), NO_SOURCE)).diagnostics
  for (const path of ['/api/reports', '/api/notes/:id', '/graphql', '/:any', '/openapi.json']) {
    const [finding] = await findings((app) => void app.get(path, async () => null))
    assert.equal(finding?.code, 'PLN-D541', path)
  }
  for (const path of ['/reports', '/reports/:id/:kind/more', '/*', '/api/*'])
    assert.deepEqual(await findings((app) => void app.get(path, async () => null)), [], path)
  const [failed] = await findings(() => {
    throw new Error('no connection')
  })
  assert.deepEqual([failed?.code, failed?.message], ['PLN-D555', 'the plugin failed: no connection'])
})
