/** Routes that call services, take forms and send bytes. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { RoutesPlugin } from '../../src/design/authoring/context-types.ts'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { declareRoutes } from '../../src/server/code-routes/declare-routes.ts'
import { json, startUpstream } from '../services/upstream.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

// biome-ignore lint/suspicious/noExplicitAny: the tables and services of a design that the test makes
type Plugin = RoutesPlugin<any, any, any>

/** Bytes of which some are no text. */
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, i) => i))

const plugin: Plugin = (app, { context }) => {
  app.post<{ Body: Record<string, unknown> }>('/pay', async (request, reply) => {
    const { services, transaction, db } = context(request)
    const { number } = await services.billing.post('/charges', { body: request.body, idempotencyKey: 'k' })
    await transaction(({ db: tables }) => tables.Note.create({ text: number }))
    reply.code(201).type('text/html; charset=utf-8')
    return `<p>${number}: ${await db.Note.count()}</p>`
  })
  app.post('/during', async (request) => {
    const { services, transaction } = context(request)
    return transaction(async (inner) => {
      assert.ok(!('services' in inner))
      await services.billing.get('/')
    })
  })
  app.post('/after', async (request) => {
    const { services, transaction } = context(request)
    await transaction(() => null).catch(() => null)
    return services.billing.get('/')
  })
  app.get('/receipt.pdf', async (_, reply) => reply.type('application/pdf').header('content-disposition', 'attachment').send(BYTES))
  app.get('/proxied.bin', async (request, reply) => {
    const bytes = await context(request).services.billing.get('/file', { accept: 'bytes' })
    return reply.type('application/octet-stream').send(Buffer.from(bytes))
  })
}

async function open(t: TestContext) {
  const upstream = await startUpstream(t)
  const design = {
    name: 'notes',
    entities: {
      User: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: { read: 'id == auth.id', create: 'false', update: 'false', delete: 'false' },
      },
      Note: {
        fields: { text: { type: 'text', max: 20 } },
        access: { read: 'true', create: 'auth.id != null', update: 'false', delete: 'false' },
      },
    },
    routes: plugin,
    integrations: { http: { billing: { baseUrl: 'BILLING_URL', auth: { as: 'caller' }, retries: 0 } } },
  }
  const { model } = await declareRoutes(modelFrom(design), NO_SOURCE)
  assert.ok(model !== null)
  const backend = await testBackend(t, model, { variables: new Map([['BILLING_URL', upstream.url]]) })
  const [user] = await backend.sql("insert into users (email, password) values ('ann@example.com', 'x') returning id")
  return { upstream, ...backend, token: await backend.tokenFor(String(user?.id)), id: String(user?.id) }
}

/** The claims of the token that a service has got. */
function claimsOf(authorization: unknown): { readonly sub?: string; readonly as?: string } {
  return JSON.parse(Buffer.from(String(authorization).split('.')[1] ?? '', 'base64url').toString())
}

test('the handler of a route takes a form, calls a service for its caller, and answers a page', async (t) => {
  const { upstream, ask, token, id } = await open(t)
  upstream.answer = json({ number: 'c-1' }, 201)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const paid = await ask('POST', '/pay', { token, headers, body: 'cents=500&tag=a&tag=%C3%A4+%26b&__proto__=x' })
  assert.deepEqual([paid.status, paid.text, paid.headers['content-type']], [201, '<p>c-1: 1</p>', 'text/html; charset=utf-8'])
  const [sent] = upstream.requests
  assert.deepEqual(JSON.parse(sent?.body ?? ''), JSON.parse('{"cents":"500","tag":["a","ä &b"],"__proto__":"x"}'))
  assert.deepEqual([claimsOf(sent?.headers.authorization).sub, claimsOf(sent?.headers.authorization).as], [id, 'caller'])
  assert.match(String(sent?.headers.traceparent), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  // Without a caller, a service that is called for one is not called.
  const refused = await ask('POST', '/pay', { headers, body: 'cents=500' })
  assert.deepEqual([refused.status, refused.json.code, upstream.requests.length], [401, 'not_signed_in', 1])
})

test('a failure of the service is the failure of the route, and nothing is written', async (t) => {
  const { upstream, ask, token, sql } = await open(t)
  upstream.answer = json({}, 500)
  const { status, json: body } = await ask('POST', '/pay', { token, body: { cents: 1 } })
  assert.deepEqual([status, body.code], [502, 'service_failed'])
  assert.deepEqual(await sql('select 1 from notes'), [])
})

test('no service is called while a transaction of the request is open', async (t) => {
  const { upstream, ask, token } = await open(t)
  const { status, json: body } = await ask('POST', '/during', { token })
  assert.deepEqual([status, upstream.requests.length], [500, 0])
  assert.match(body.detail, /no service can be called while the transaction is open/)
  upstream.answer = json({ ok: true })
  assert.deepEqual((await ask('POST', '/after', { token })).json, { ok: true })
})

test('bytes are answered as they are', async (t) => {
  const { upstream, backend, token } = await open(t)
  const receipt = await backend.app.inject({ method: 'GET', url: '/receipt.pdf' })
  assert.deepEqual(
    [receipt.statusCode, receipt.headers['content-type'], receipt.headers['content-length']],
    [200, 'application/pdf', '256'],
  )
  assert.ok(receipt.rawPayload.equals(BYTES))
  upstream.answer = (_, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(BYTES)
  const proxied = await backend.app.inject({ method: 'GET', url: '/proxied.bin', headers: { authorization: `Bearer ${token}` } })
  assert.ok(proxied.rawPayload.equals(BYTES))
})
