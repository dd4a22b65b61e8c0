/** Client credentials of OAuth 2.0: when a token is got, how long it is used, and what a token endpoint that fails leads to. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { inspect } from 'node:util'
import type { ServiceAuthDesign, ServiceDesign } from '../../src/design/authoring/behaviour-design.ts'
import { json, startUpstream, type Upstream } from './upstream.ts'
import { failureOf, type ServiceWorld, serviceWorld } from './world.ts'

const VARIABLES = { CLIENT: 'shop one', SECRET: 'hidden:secret/ü' }
type OAuth = Extract<ServiceAuthDesign, { readonly tokenUrl: string }>

interface OAuthWorld extends ServiceWorld {
  readonly service: Upstream
  /** The token endpoint. */
  readonly issuer: Upstream
  /** Moves the clock of the backend forward, which stands still otherwise. */
  readonly skip: (ms: number) => void
  /** The headers `Authorization` that the service has got. */
  readonly sent: () => readonly unknown[]
}

async function open(t: TestContext, auth: Partial<OAuth> = {}, more: Partial<ServiceDesign> = {}): Promise<OAuthWorld> {
  const [service, issuer] = [await startUpstream(t), await startUpstream(t)]
  issuer.answer = numbered(issuer)
  let clock = 0
  const design = { baseUrl: service.url, auth: { tokenUrl: `${issuer.url}/token`, client: 'CLIENT', secret: 'SECRET', ...auth }, ...more }
  const world = serviceWorld(t, design, { variables: VARIABLES, now: () => clock, codeMs: 86_400_000 })
  const skip = (ms: number): void => {
    clock += ms
  }
  return { service, issuer, skip, sent: () => service.requests.map(({ headers }) => headers.authorization), ...world }
}

/** Grants the tokens `token-1`, `token-2`, … */
function numbered(issuer: Upstream, expires: unknown = 3_600): Upstream['answer'] {
  return (request, response) =>
    json({ access_token: `token-${issuer.requests.length}`, token_type: 'Bearer', expires_in: expires })(request, response)
}

/** Accepts one token, and answers 401 to others. */
function accepting(token: () => string): Upstream['answer'] {
  return (request, response) => json({}, request.headers.authorization === `Bearer ${token()}` ? 200 : 401)(request, response)
}

test('the token is got once for calls at the same time, and serves later ones', async (t) => {
  const { client, issuer, sent } = await open(t, { scope: 'read write', audience: 'https://billing.example.com' })
  await Promise.all(Array.from({ length: 8 }, () => client.get('/')))
  await client.get('/')
  assert.deepEqual(sent(), Array(9).fill('Bearer token-1'))
  assert.equal(issuer.requests.length, 1)
  const [asked] = issuer.requests
  assert.deepEqual([asked?.method, asked?.url], ['POST', '/token'])
  assert.equal(asked?.headers['content-type'], 'application/x-www-form-urlencoded')
  // RFC 6749 section 2.3.1: each part is form-encoded before it is put together.
  assert.equal(asked?.headers.authorization, `Basic ${Buffer.from('shop+one:hidden%3Asecret%2F%C3%BC').toString('base64')}`)
  assert.deepEqual(Object.fromEntries(new URLSearchParams(asked?.body)), {
    grant_type: 'client_credentials',
    scope: 'read write',
    audience: 'https://billing.example.com',
  })
})

test('with secretIn: body the credentials are in the body alone', async (t) => {
  const { client, issuer } = await open(t, { secretIn: 'body' })
  await client.get('/')
  const [asked] = issuer.requests
  assert.equal(asked?.headers.authorization, undefined)
  const { client_id, client_secret } = Object.fromEntries(new URLSearchParams(asked?.body))
  assert.deepEqual([client_id, client_secret], [VARIABLES.CLIENT, VARIABLES.SECRET])
})

test('a token is used until 30 s before its end', async (t) => {
  for (const [expires, usedMs] of [
    [3_600, 3_570_000],
    ['3600', 3_570_000],
    [null, 300_000],
    [-1, 300_000],
  ] as const) {
    const { client, issuer, skip, sent } = await open(t)
    issuer.answer = numbered(issuer, expires)
    await client.get('/')
    skip(usedMs - 60_000)
    await client.get('/')
    skip(60_000)
    await client.get('/')
    assert.deepEqual(sent(), ['Bearer token-1', 'Bearer token-1', 'Bearer token-2'], String(expires))
  }
})

test('a token that the service refuses is got again once, for all calls that it refused', async (t) => {
  const { client, service, issuer, skip, sent } = await open(t)
  await client.get('/')
  skip(60_000)
  // All calls have been sent with the old token before the first one is answered.
  const waiting: (() => void)[] = []
  service.answer = (request, response) => {
    if (request.headers.authorization === 'Bearer token-2') return json({ ok: true })(request, response)
    waiting.push(() => json({}, 401)(request, response))
    // The last one is answered after the others have succeeded with the new token.
    if (waiting.length === 4) for (const answer of waiting.slice(0, 3)) answer()
  }
  const calls = Array.from({ length: 4 }, () => client.get('/'))
  await Promise.race(calls)
  waiting[3]?.()
  assert.deepEqual(await Promise.all(calls), Array(4).fill({ ok: true }))
  assert.equal(issuer.requests.length, 2)
  assert.equal(sent().length, 9)
})

test('a service that refuses every token fails the call after one renewal, and the token endpoint is not asked for each call', async (t) => {
  const { client, service, issuer, skip } = await open(t)
  await client.get('/')
  skip(60_000)
  service.answer = json({ error: 'revoked' }, 401)
  for (let i = 0; i < 5; i++) {
    const { reason, status, code } = await failureOf(client.get('/'))
    assert.deepEqual([reason, status, code], ['status', 401, 'service_failed'])
  }
  assert.equal(issuer.requests.length, 2)
  service.answer = accepting(() => `token-${issuer.requests.length}`)
  skip(11_000)
  service.answer = accepting(() => 'token-3')
  assert.deepEqual(await client.get('/'), {})
  assert.equal(issuer.requests.length, 3)
})

const FAILING: Readonly<Record<string, readonly [answer: Upstream['answer'], note: RegExp]>> = {
  'a refusal that repeats the secret': [
    (request, response) => json({ error: request.body, ...VARIABLES }, 400)(request, response),
    /status 400$/,
  ],
  'a failure': [json({}, 503), /status 503$/],
  'a redirect': [(_, response) => response.writeHead(307, { location: '/hidden:secret' }).end(), /a redirect \(307\)$/],
  'a page in HTML': [
    (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('hidden:secret'),
    /text\/html, not json$/,
  ],
  'a media type with the secret': [
    (request, response) => {
      const [, basic = ''] = String(request.headers.authorization).split(' ')
      response.writeHead(200, { 'content-type': `application/${Buffer.from(basic, 'base64').toString('hex')}` }).end('{}')
    },
    /of another type, not json$/,
  ],
  'no JSON': [(_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('hidden:secret'), /not JSON$/],
  'no object': [json(['hidden:secret']), /no bearer token$/],
  'no token': [json({ token_type: 'Bearer' }), /no bearer token$/],
  'a token that is no text': [json({ access_token: { hidden: 'secret' }, token_type: 'Bearer' }), /no bearer token$/],
  'a token that breaks out of the header': [json({ access_token: 'a\r\nX-Admin: 1', token_type: 'Bearer' }), /no bearer token$/],
  'a huge token': [json({ access_token: 'a'.repeat(10_000), token_type: 'Bearer' }), /no bearer token$/],
  'a huge answer': [json({ access_token: 'a', token_type: 'Bearer', more: 'x'.repeat(70_000) }), /more than 65536 bytes$/],
  'a token of another type': [json({ access_token: 'a', token_type: 'mac' }), /no bearer token$/],
  'a connection that breaks off': [(_, response) => response.destroy(), /no connection \(\w+\)$/],
}

test('a token endpoint that fails leads to a typed failure without secrets, and is not asked again at once', async (t) => {
  const { client, service, issuer, observed, skip } = await open(t)
  for (const [name, [answer, note]] of Object.entries(FAILING)) {
    const before = issuer.requests.length
    issuer.answer = answer
    const errors = await Promise.all([failureOf(client.get('/')), failureOf(client.get('/'))])
    for (const error of [...errors, await failureOf(client.get('/'))]) {
      assert.deepEqual([error.reason, error.code, error.status], ['credentials', 'service_unavailable', undefined], name)
      assert.match(error.message, /^service billing: no access token was got: /, name)
      assert.match(error.message, note, name)
      const shown = `${inspect(error, { depth: 9, showHidden: true })} ${error.stack} ${JSON.stringify(error)}`
      for (const secret of ['hidden', 'secret/', 'shop one', 'shop+one', Buffer.from('hidden').toString('hex'), issuer.url])
        assert.ok(!shown.includes(secret), `${name}: ${shown}`)
    }
    assert.equal(issuer.requests.length, before + 1, name)
    skip(2_000)
  }
  assert.equal(service.requests.length, 0)
  assert.ok(!/hidden|shop|127\.0\.0\.1/.test(JSON.stringify(observed)))
  issuer.answer = numbered(issuer)
  assert.deepEqual(await client.get('/'), {})
})

test('the token that comes after the call has ended serves the next one', async (t) => {
  const { client, issuer, sent } = await open(t)
  let grant = (): void => {}
  issuer.answer = (request, response) => {
    grant = () => numbered(issuer)(request, response)
  }
  const { reason, code, message } = await failureOf(client.get('/', { timeout: '150ms' }))
  assert.deepEqual([reason, code, message], ['timeout', 'service_timeout', 'service billing: no whole answer within 150 ms'])
  while (issuer.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  grant()
  // Nobody waits for the token, so nothing tells that it has come.
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.deepEqual(await client.get('/'), {})
  await client.get('/')
  assert.deepEqual([issuer.requests.length, sent()], [1, ['Bearer token-1', 'Bearer token-1']])
})

test('a missing variable of the credentials is a failure of its own', async (t) => {
  const { client, issuer } = await open(t, { secret: 'OTHER' })
  const { reason, message } = await failureOf(client.get('/'))
  assert.deepEqual([reason, message], ['unset', 'service billing: the variable OTHER is not set'])
  assert.equal(issuer.requests.length, 0)
})

test('a call without a token does not close the breaker of a service that fails', async (t) => {
  const { client, service, issuer, observed, skip } = await open(t, {}, { retries: 0, circuitBreaker: { failures: 1, pause: '100ms' } })
  service.answer = json({}, 500)
  await failureOf(client.get('/'))
  skip(4_000_000)
  issuer.answer = json({}, 503)
  const states = () => observed.flatMap((one) => (one.kind === 'breaker' ? [one.state] : []))
  while (!states().includes('half-open')) {
    await failureOf(client.get('/'))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.deepEqual(states(), ['open', 'half-open', 'open'])
})
