/** Services in code of a backend: where they can be called, and what a request gets when one fails. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { LIMITS } from '../../src/base/limits.ts'
import { plannedServices, serviceLines } from '../../src/commands/planning/planned-services.ts'
import { openapi } from '../../src/compile/openapi/openapi.ts'
import { until } from '../events/events-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { json, startUpstream } from './upstream.ts'

// biome-ignore lint/suspicious/noExplicitAny: the code of these tests is made at run time, so its context has no types
type Context = any

async function open(t: TestContext, mode: 'development' | 'production' = 'production') {
  let code: (ctx: Context) => unknown = () => undefined
  let reaction: (ctx: Context) => unknown = () => undefined
  const upstream = await startUpstream(t)
  const run = (ctx: Context) => code(ctx)
  const model = modelFrom({
    name: 'shop',
    entities: {
      Person: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
      },
      Payment: {
        fields: { state: { type: 'text' } },
        access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
      },
    },
    actions: {
      charge: { allow: 'true', as: 'system', transaction: 'own', run, output: { state: 'text?' } },
      within: { allow: 'true', as: 'system', run },
      later: { allow: 'true', steps: [{ enqueue: 'pay' }] },
    },
    jobs: { pay: { as: 'system', transaction: 'own', run, retry: { attempts: 2, first: '10ms' } } },
    on: { 'Payment.created': [{ run: (ctx: Context) => reaction(ctx), as: 'system', transaction: 'own' }] },
    integrations: { http: { billing: { baseUrl: 'BILLING_URL', auth: { bearer: 'BILLING_TOKEN' }, retries: 0 } } },
  })
  const variables = new Map([
    ['BILLING_URL', upstream.url],
    ['BILLING_TOKEN', 'hidden-token'],
  ])
  const observed: unknown[] = []
  const world = await testBackend(t, model, { mode, variables, observe: (observation) => observed.push(observation) })
  const setCode = (next: typeof code): void => {
    code = next
  }
  const setReaction = (next: typeof reaction): void => {
    reaction = next
  }
  return { upstream, observed, setCode, setReaction, ...world }
}

test('an action with a transaction of its own calls a service before it, and not while it is open', async (t) => {
  const { upstream, setCode, ask, sql } = await open(t)
  upstream.answer = json({ state: 'paid' })
  setCode(async ({ services, transaction }) => {
    const { state } = await services.billing.post('/charges', { body: { cents: 500 } })
    await transaction(async (ctx: Context) => {
      assert.equal('services' in ctx, false)
      await assert.rejects(services.billing.get('/'), /while the transaction is open/)
      await ctx.db.Payment.create({ state })
    })
    return { state }
  })
  const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
  const answered = await ask('POST', '/api/actions/charge', { body: {}, headers })
  assert.deepEqual([answered.status, answered.json], [200, { state: 'paid' }])
  assert.deepEqual(
    (await sql('select state from payments')).map(({ state }) => state),
    ['paid'],
  )
  const [sent] = upstream.requests
  assert.equal(sent?.headers.authorization, 'Bearer hidden-token')
  assert.match(String(sent?.headers.traceparent), /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)/)
  setCode((ctx) => {
    assert.equal('services' in ctx, false)
  })
  assert.equal((await ask('POST', '/api/actions/within', { body: {} })).status, 204)
})

test('a failure that an action lets through answers 502, 503 or 504, and tells nothing about the service in production', async (t) => {
  const { upstream, setCode, ask, observed } = await open(t)
  setCode(({ services }) => services.billing.get('/invoices', { timeout: '300ms' }))
  const charge = async () => {
    const { status, json: body, headers } = await ask('POST', '/api/actions/charge', { body: {} })
    return [status, body.code, body.detail, headers['retry-after']]
  }
  const later = 'try again later'
  upstream.answer = json({ error: 'secret of the upstream' }, 500)
  assert.deepEqual(await charge(), [502, 'service_failed', `another service that this needs has refused or failed; ${later}`, undefined])
  upstream.answer = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>secret of the upstream')
  const unusable = `another service that this needs has given an answer that cannot be used; ${later}`
  assert.deepEqual(await charge(), [502, 'service_answer_invalid', unusable, undefined])
  upstream.answer = () => {}
  assert.deepEqual(await charge(), [504, 'service_timeout', `another service that this needs did not answer in time; ${later}`, undefined])
  await upstream.close()
  assert.deepEqual(await charge(), [502, 'service_unreachable', `another service that this needs cannot be reached; ${later}`, undefined])
  for (let i = 0; i < 20; i++) await charge()
  const [status, code, , retryAfter] = await charge()
  assert.deepEqual([status, code], [503, 'service_unavailable'])
  assert.ok(Number(retryAfter) >= 1 && Number(retryAfter) <= 10)
  assert.equal((await ask('GET', '/api/payments')).status, 200)
  const logged = JSON.stringify(observed)
  for (const secret of ['hidden-token', 'secret of the upstream', '/invoices', upstream.url]) assert.ok(!logged.includes(secret), secret)
  assert.ok(logged.includes('"service":"billing"'))
})

test('in development the failure names the service and the reason, in GraphQL too', async (t) => {
  const { upstream, setCode, ask } = await open(t, 'development')
  setCode(({ services }) => services.billing.get('/'))
  upstream.answer = json({}, 418)
  const { json: body } = await ask('POST', '/graphql', { body: { query: 'mutation { charge { state } }' } })
  assert.equal(body.data?.charge ?? null, null)
  const [error] = body.errors
  assert.equal(error.extensions.code, 'service_failed')
  assert.match(error.message, /\(service billing: it answered 418\)$/)
})

test('code can act on a failure', async (t) => {
  const { upstream, setCode, ask } = await open(t)
  setCode(async ({ services }) => {
    const error = await services.billing.get('/').catch((thrown: unknown) => thrown)
    return { state: `${error.name} ${error.service} ${error.reason} ${error.status} ${error.body.error}` }
  })
  upstream.answer = json({ error: 'card_declined' }, 402)
  assert.equal((await ask('POST', '/api/actions/charge', { body: {} })).json.state, 'ServiceError billing status 402 card_declined')
})

test('a job and a reaction call services, and run again when one fails', async (t) => {
  const { upstream, setCode, setReaction, ask, sql } = await open(t)
  let calls = 0
  upstream.answer = (request, response) => json({ state: 'paid' }, ++calls === 1 ? 500 : 200)(request, response)
  setCode(async ({ services, job, transaction }) => {
    const { state } = await services.billing.post('/charges', { body: {}, idempotencyKey: `job-${job.id}` })
    await transaction((ctx: Context) => ctx.db.Payment.create({ state }))
  })
  setReaction(async ({ services, event, row, transaction }) => {
    const { state } = await services.billing.post('/receipts', { body: row, idempotencyKey: `event-${event.id}` })
    await transaction(async (ctx: Context) => {
      assert.equal('services' in ctx, false)
      if ((await ctx.db.Payment.count()) === 1) await ctx.db.Payment.create({ state: `noted ${state}` })
    })
  })
  assert.equal((await ask('POST', '/api/actions/later', { body: {} })).status, 204)
  await until('the reaction has run', async () => ((await sql('select state from payments')).length === 2 ? true : null))
  const [first, second, third] = upstream.requests.map(({ headers }) => headers['idempotency-key'])
  assert.equal(first, second)
  assert.notEqual(second, third)
  assert.deepEqual(
    upstream.requests.slice(0, 3).map(({ url }) => url),
    ['/charges', '/charges', '/receipts'],
  )
})

test('plan lists the services with their limits, and the code that may call them', async (t) => {
  const { model } = await open(t)
  assert.deepEqual(serviceLines(plannedServices(model), 'Services'), [
    'Services',
    '  billing  BILLING_URL  bearer token  within 10 s, up to 0 repeated, 20 at a time and 40 waiting, ' +
      'stops for 10 s after half of 20 calls failed, 5000000 bytes',
    '  called by action charge, reaction Payment run run, job pay',
  ])
})

test('OpenAPI describes the failures of actions that may call services', async (t) => {
  const { model, setCode, upstream, ask } = await open(t)
  // biome-ignore lint/suspicious/noExplicitAny: the document is looked into
  const document: any = openapi(model, { reach: 'all', version: '1.0.0', limits: LIMITS })
  const { responses } = document.paths['/api/actions/charge'].post
  assert.deepEqual(
    Object.keys(responses).filter((status) => Number(status) > 500),
    ['502', '503', '504'],
  )
  assert.equal(document.paths['/api/actions/within'].post.responses['502'], undefined)
  upstream.answer = json({}, 500)
  setCode(({ services }) => services.billing.get('/'))
  const { json: body } = await ask('POST', '/api/actions/charge', { body: {} })
  const schema = { ...document.components.schemas.Problem, components: document.components }
  const valid = new Ajv2020({ strict: false, validateFormats: false }).compile({
    ...schema,
    properties: { ...schema.properties, errors: {} },
  })
  assert.ok(valid(body), JSON.stringify(valid.errors))
})
