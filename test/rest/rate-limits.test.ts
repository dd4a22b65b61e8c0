/** The number of requests that one caller may send per minute, over REST and GraphQL. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import type { RateLimitPolicies } from '../../src/server/http/rate-limits.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const PASSWORD = 'Correct-horse-7'
const OFF: RateLimitPolicies = { requests: null, passwords: null, logins: null }

async function started(t: TestContext, limits: Partial<RateLimitPolicies>, trustedProxies: readonly string[] = []) {
  const backend = await testBackend(t, modelFrom(blog), { rateLimits: { ...OFF, ...limits }, trustedProxies })
  /** Sends a request with a client address in the header of a proxy. */
  const from = async (address: string | null, url: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await backend.backend.app.inject({
      method: body === undefined ? 'GET' : 'POST',
      url,
      headers: { ...headers, ...(address === null ? {} : { 'x-forwarded-for': address }) },
      ...(body === undefined ? {} : { payload: body as object }),
    })
    return { status: response.statusCode, headers: response.headers, json: response.body === '' ? null : response.json() }
  }
  const register = (name: string) => from(null, '/api/auth/register', { name, email: `${name}@example.com`, password: PASSWORD })
  return { ...backend, from, register }
}

test('a caller over the limit gets 429 with Retry-After, and another caller is answered', async (t) => {
  const { from, sql, tokenFor } = await started(t, { requests: 3 }, ['127.0.0.1'])
  for (let i = 2; i >= 0; i--) {
    const { status, headers } = await from('192.0.2.1', '/api/posts')
    assert.equal(status, 200)
    assert.equal(headers['ratelimit-policy'], '"requests";q=3;w=60')
    assert.match(String(headers.ratelimit), new RegExp(`^"requests";r=${i};t=(60|[1-5]?\\d)$`))
  }
  const refused = await from('192.0.2.1', '/api/posts')
  assert.deepEqual([refused.status, refused.json.code], [429, 'too_many_requests'])
  assert.match(String(refused.headers.ratelimit), /^"requests";r=0;t=\d+$/)
  const seconds = Number(refused.headers['retry-after'])
  assert.ok(seconds > 0 && seconds <= 60, `${seconds}`)
  assert.equal((await from('192.0.2.2', '/api/posts')).status, 200)
  // A signed-in caller has a limit of its own, at the same address.
  const [user] = await sql("insert into users (name, email, password, role) values ('Ann', 'ann@example.com', 'x', 'user') returning id")
  const headers = { authorization: `Bearer ${await tokenFor(String(user?.id))}` }
  assert.equal((await from('192.0.2.1', '/api/posts', undefined, headers)).status, 200)
  assert.equal((await from('192.0.2.1', '/health/ready')).status, 200, 'health is not counted')
})

test('GraphQL and REST share one limit, and its refusal has the form of GraphQL', async (t) => {
  const { from } = await started(t, { requests: 2 })
  assert.equal((await from(null, '/api/posts')).status, 200)
  const query = { query: '{ posts { nodes { id } } }' }
  assert.equal((await from(null, '/graphql', query)).status, 200)
  const refused = await from(null, '/graphql', query)
  assert.deepEqual([refused.status, refused.json.errors[0].extensions.code], [429, 'too_many_requests'])
  assert.ok(Number(refused.headers['retry-after']) > 0)
})

test('a request whose token is refused counts for its address', async (t) => {
  const { from } = await started(t, { requests: 2 })
  const headers = { authorization: 'Bearer e30.e30.e30' }
  assert.deepEqual(
    [(await from(null, '/api/posts', undefined, headers)).status, (await from(null, '/api/posts', undefined, headers)).status],
    [401, 401],
  )
  assert.equal((await from(null, '/api/posts', undefined, headers)).status, 429)
})

test('an address from an untrusted proxy has no effect', async (t) => {
  const { from } = await started(t, { requests: 1 })
  assert.equal((await from('192.0.2.1', '/api/posts')).status, 200)
  assert.equal((await from('192.0.2.2', '/api/posts')).status, 429)
})

test('addresses of one IPv6 network share a limit', async (t) => {
  const { from } = await started(t, { requests: 1 }, ['127.0.0.1'])
  assert.equal((await from('2001:db8::1', '/api/posts')).status, 200)
  assert.equal((await from('2001:db8::ffff:2', '/api/posts')).status, 429)
  assert.equal((await from('2001:db8:0:1::1', '/api/posts')).status, 200)
})

test('every password of a create of many accounts counts: the create is allowed once, and then its sender must wait', async (t) => {
  const { from, register } = await started(t, { passwords: 3 })
  assert.equal((await register('ann')).status, 201)
  const many = Array.from({ length: 10 }, (_, i) => ({ name: `User ${i}`, email: `u${i}@example.com`, password: PASSWORD }))
  assert.equal((await from(null, '/api/users', many)).status, 201)
  for (const body of [many.slice(0, 1), { name: 'Bob', email: 'bob@example.com', password: PASSWORD }])
    assert.equal((await from(null, '/api/users', body)).json.code, 'too_many_requests')
  const signIn = await from(null, '/api/auth/login', { email: 'ann@example.com', password: PASSWORD })
  assert.deepEqual([signIn.status, signIn.json.code], [429, 'too_many_requests'])
  assert.equal((await from(null, '/api/posts')).status, 200, 'other requests of the caller are answered')
})

test('sign-ins with one login are limited from all addresses together; known and unknown logins get the same answers', async (t) => {
  const { from, register } = await started(t, { logins: 2 }, ['127.0.0.1'])
  await register('ann')
  for (const email of ['ann@example.com', 'nobody@example.com']) {
    const statuses: number[] = []
    for (const [i, spelling] of [email, email.toUpperCase(), email].entries())
      statuses.push((await from(`192.0.2.${i}`, '/api/auth/login', { email: spelling, password: 'Wrong-horse-7' })).status)
    assert.deepEqual(statuses, [401, 401, 429], email)
  }
})
