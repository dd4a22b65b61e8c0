/** The headers for pages of other origins. `browser.test.ts` tests them with a real browser. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const APP = 'https://app.example.com'
const METHODS = 'GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS'
const model = modelFrom(blog)

/** All paths that answer without a caller, with answers of every class of status. */
const REQUESTS: readonly (readonly [method: string, url: string, status: number, body?: unknown, headers?: Record<string, string>])[] = [
  ['GET', '/api/posts', 200],
  ['HEAD', '/api/posts', 200],
  ['OPTIONS', '/api/posts', 204],
  ['GET', '/api/posts?nosuch=1', 400],
  ['POST', '/api/posts', 401, { title: 'A' }],
  ['GET', '/api/nosuch', 404],
  ['GET', '/nosuch', 404],
  ['DELETE', '/api/posts', 405],
  ['GET', '/api/posts', 406, undefined, { accept: 'text/html' }],
  ['POST', '/api/posts', 415, 'text', { 'content-type': 'text/plain' }],
  ['GET', '/api/posts/%', 400],
  ['GET', `/api/posts/${'a'.repeat(600)}`, 414],
  ['GET', '/api/posts', 401, undefined, { authorization: 'Bearer wrong' }],
  ['POST', '/api/auth/login', 400, {}],
  ['POST', '/api/transaction', 400, {}],
  ['POST', '/graphql', 200, { query: '{ __typename }' }],
  ['POST', '/graphql', 400, '{'],
  ['GET', '/health/ready', 200],
  ['GET', '/openapi.json', 200],
  ['GET', '/.well-known/jwks.json', 200],
]

const crossOrigin = (headers: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith('access-control-') || name === 'cross-origin-resource-policy'),
  )

test('an allowed origin may read every answer, and no other origin any', async (t) => {
  const { ask } = await testBackend(t, model, { mode: 'production', corsOrigins: [APP] })
  for (const [method, url, status, body, more] of REQUESTS) {
    const of = `${method} ${url} ${status}`
    const answered = await ask(method, url, { body, headers: { ...more, origin: APP } })
    assert.equal(answered.status, status, of)
    const { 'access-control-expose-headers': exposed, ...others } = crossOrigin(answered.headers)
    assert.deepEqual(
      others,
      {
        'access-control-allow-origin': APP,
        'access-control-allow-credentials': 'true',
        'cross-origin-resource-policy': 'cross-origin',
      },
      of,
    )
    for (const name of ['ETag', 'Link', 'Location', 'Retry-After', 'RateLimit', 'Idempotency-Replayed'])
      assert.ok(String(exposed).split(', ').includes(name), `${of} exposes ${name}`)
    assert.match(String(answered.headers.vary), /\bOrigin\b/, of)
    for (const origin of [undefined, 'https://evil.example', 'null', 'http://localhost:5173']) {
      const { headers } = await ask(method, url, { body, headers: { ...more, ...(origin === undefined ? {} : { origin }) } })
      assert.deepEqual(crossOrigin(headers), { 'cross-origin-resource-policy': 'same-origin' }, `${of} from ${origin}`)
    }
  }
})

test('a preflight allows every method and header, and may be kept for two hours', async (t) => {
  const { ask } = await testBackend(t, model, { mode: 'production', corsOrigins: [APP] })
  const preflight = (url: string, method: string, origin = APP) =>
    ask('OPTIONS', url, {
      headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'authorization,if-match' },
    })
  const patch = await preflight('/api/posts/1', 'PATCH')
  assert.equal(patch.status, 204)
  assert.deepEqual(
    [
      patch.headers['access-control-allow-origin'],
      patch.headers['access-control-allow-methods'],
      patch.headers['access-control-allow-headers'],
      patch.headers['access-control-max-age'],
    ],
    [APP, METHODS, 'authorization,if-match', '7200'],
  )
  // The page has to be able to read the 405 and the 404 of the request itself.
  for (const [url, method] of [
    ['/api/posts', 'DELETE'],
    ['/nosuch', 'PUT'],
  ] as const)
    assert.equal((await preflight(url, method)).headers['access-control-allow-methods'], METHODS)
  const refused = await preflight('/api/posts/1', 'PATCH', 'https://evil.example')
  assert.deepEqual(crossOrigin(refused.headers), { 'cross-origin-resource-policy': 'same-origin' })
})

test('OPTIONS that is not a preflight still answers Allow, with and without an origin', async (t) => {
  const { ask } = await testBackend(t, model, { corsOrigins: [APP] })
  for (const headers of [{}, { origin: APP }]) {
    const answered = await ask('OPTIONS', '/api/posts', { headers })
    assert.deepEqual([answered.status, answered.headers.allow], [204, 'GET, HEAD, POST, OPTIONS'])
    assert.equal(answered.headers['access-control-allow-methods'], undefined)
  }
})

test('by default production allows no origin, and development allows origins of this machine', async (t) => {
  for (const [mode, local] of [
    ['production', undefined],
    ['development', 'http://localhost:5173'],
  ] as const) {
    const { ask } = await testBackend(t, model, { mode })
    const allowed = async (origin: string) =>
      (await ask('GET', '/api/posts', { headers: { origin } })).headers['access-control-allow-origin']
    assert.equal(await allowed('http://localhost:5173'), local)
    assert.equal(await allowed(APP), undefined)
  }
})
