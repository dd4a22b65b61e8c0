/** Another backend that calls this one: who the caller is, and which tokens are refused. */

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { openTokens } from '../../src/services/identity/tokens/tokens.ts'
import { AUDIENCE, BILLING, billingWith, forged, newKeys, type Orders, startBilling, startOrders } from './world.ts'

const VALID = { kind: 'system' } as const

test('another backend has the role of the design, in REST and in GraphQL, and no account', async (t) => {
  const orders = await startOrders(t)
  const { ask, sql } = await startBilling(t, orders)
  const token = await orders.sign(VALID, AUDIENCE)
  const made = await ask('POST', '/api/charges', { token, body: { cents: 500 } })
  assert.deepEqual([made.status, made.json.owner], [201, null])
  assert.equal((await ask('GET', '/api/charges', { token })).json.data.length, 1)
  const { json } = await ask('POST', '/graphql', { token, body: { query: '{ charges { nodes { cents } } }' } })
  assert.deepEqual(json, { data: { charges: { nodes: [{ cents: 500 }] } } })
  assert.deepEqual((await ask('GET', '/api/actions/total', { token })).json, { count: 1 })
  // It is known who calls, so what it may not do is forbidden, and signing in would not help.
  const { status, json: refused } = await ask('DELETE', `/api/charges/${made.json.id}`, { token })
  assert.deepEqual([status, refused.code], [403, 'forbidden'])
  assert.equal((await ask('GET', '/api/auth/me', { token })).status, 401)
  assert.deepEqual(await sql('select cents::int, owner_id from charges'), [{ cents: 500, owner_id: null }])
})

test('another backend sends a request for an account, with its present role and its rows', async (t) => {
  const orders = await startOrders(t)
  const { ask, account, sql } = await startBilling(t, orders)
  const ann = await account('ann@example.com', 'customer', 'c-1')
  await account('bob@example.com', 'customer', 'c-2')
  await account('root@example.com', 'admin', 'c-3')
  const [forAnn, forBob] = await Promise.all(['c-1', 'c-2'].map((id) => orders.sign({ kind: 'caller', id, role: 'admin' }, AUDIENCE)))
  const made = await ask('POST', '/api/charges', { token: forAnn, body: { cents: 700 } })
  assert.deepEqual([made.status, made.json.owner], [201, ann])
  assert.equal((await ask('GET', `/api/charges/${made.json.id}`, { token: forAnn })).status, 200)
  assert.equal((await ask('GET', `/api/charges/${made.json.id}`, { token: forBob })).status, 404)
  assert.equal((await ask('GET', '/api/auth/me', { token: forAnn })).json.email, 'ann@example.com')
  // The role of the token counts for nothing.
  assert.equal((await ask('DELETE', `/api/charges/${made.json.id}`, { token: forAnn })).status, 403)
  const refused = async (id: string): Promise<number> =>
    (await ask('GET', '/api/charges', { token: await orders.sign({ kind: 'caller', id, role: 'customer' }, AUDIENCE) })).status
  // An administrator, nobody, and an id of this backend.
  for (const id of ['c-3', 'c-4', ann, '\u0000', "' or true --"]) assert.equal(await refused(id), 401, id)
  await sql("update users set role = 'admin' where customer = 'c-1'")
  assert.equal(await refused('c-1'), 401)
})

test('a backend may do only what the design says', async (t) => {
  const orders = await startOrders(t)
  const system = await orders.sign(VALID, AUDIENCE)
  const forAnn = await orders.sign({ kind: 'caller', id: 'c-1', role: null }, AUDIENCE)
  const answers = async (design: object): Promise<readonly number[]> => {
    const { ask, account } = await startBilling(t, orders, design)
    await account('ann@example.com', 'customer', 'c-1')
    return [(await ask('GET', '/api/charges', { token: system })).status, (await ask('GET', '/api/charges', { token: forAnn })).status]
  }
  assert.deepEqual(await answers(billingWith({ issuer: 'ORDERS_URL', role: 'service' })), [200, 401])
  assert.deepEqual(await answers(billingWith({ issuer: 'ORDERS_URL', accounts: 'customer' })), [401, 200])
  assert.deepEqual(await answers({ ...BILLING, integrations: {} }), [401, 401])
  assert.deepEqual(await answers(billingWith({ issuer: 'https://other.example.com', role: 'service' })), [401, 401])
})

test('with the same ids, an account is found by its id', async (t) => {
  const orders = await startOrders(t)
  const { ask, account } = await startBilling(t, orders, billingWith({ issuer: 'ORDERS_URL', accounts: 'id' }))
  const ann = await account('ann@example.com', 'customer', null)
  const statusFor = async (id: string): Promise<number> =>
    (await ask('GET', '/api/auth/me', { token: await orders.sign({ kind: 'caller', id, role: null }, AUDIENCE) })).status
  assert.deepEqual([await statusFor(ann), await statusFor('7'), await statusFor('no-uuid')], [200, 401, 401])
})

/** Tokens that must be refused, by what is wrong with them. */
const ATTACKS: Readonly<Record<string, (orders: Orders) => Promise<string>>> = {
  'for another backend': (orders) => orders.sign(VALID, 'https://other.example.com'),
  'for several backends': (orders) => forged(orders, { aud: [AUDIENCE, 'https://other.example.com'] }),
  'for nobody': (orders) => forged(orders, { aud: undefined }),
  'of another issuer': (orders) => forged(orders, { iss: 'https://evil.example.com', sub: 'https://evil.example.com' }),
  'of the backend itself': (orders) => forged(orders, { iss: AUDIENCE, sub: AUDIENCE }),
  'of no issuer': (orders) => forged(orders, { iss: undefined }),
  'expired before the leeway': (orders) => forged(orders, { iat: now() - 100, exp: now() - 11 }),
  'of the future': (orders) => forged(orders, { iat: now() + 60, exp: now() + 120 }),
  'that lasts an hour': (orders) => forged(orders, { exp: now() + 3_600 }),
  'that never ends': (orders) => forged(orders, { exp: undefined }),
  'without the time of its issue': (orders) => forged(orders, { iat: undefined }),
  'without an id': (orders) => forged(orders, { jti: undefined }),
  'for neither a backend nor a caller': (orders) => forged(orders, { as: 'admin' }),
  'for the backend by another subject': (orders) => forged(orders, { sub: 'c-1' }),
  'for a caller without an id': (orders) => forged(orders, { as: 'caller', sub: '' }),
  'signed by another key under the known id': (orders) => forged(orders, {}, { by: newKeys() }),
  'signed by a key that its header brings': async (orders) => {
    const by = newKeys()
    return forged(orders, {}, { by, header: { jwk: by.signing.document, kid: by.signing.kid } })
  },
  'with the address of a key': (orders) => forged(orders, {}, { header: { jku: `${orders.issuer.url}/evil.json` } }),
  'of the type of access tokens': (orders) => forged(orders, {}, { header: { typ: 'at+jwt' } }),
  'of no type': (orders) => forged(orders, {}, { header: { typ: undefined } }),
  'an access token of the other backend': ({ keys, issuer }) =>
    openTokens({ keys, issuer: issuer.url, audience: AUDIENCE, now: Date.now, lastsSeconds: 60 }).issue({
      userId: 'c-1',
      sessionId: '0198c4a2-0000-7000-8000-000000000000',
      role: 'customer',
    }),
  'without a signature': async (orders) => {
    const [, payload = ''] = (await forged(orders, {})).split('.')
    return `${encoded({ alg: 'none', typ: 'plinth-service+jwt', kid: orders.keys.signing.kid })}.${payload}.`
  },
  'with the public key as a secret': async (orders) => {
    const [, payload = ''] = (await forged(orders, {})).split('.')
    const head = encoded({ alg: 'HS256', typ: 'plinth-service+jwt', kid: orders.keys.signing.kid })
    const pem = String(orders.keys.signing.public.export({ format: 'pem', type: 'spki' }))
    return `${head}.${payload}.${createHmac('sha256', pem).update(`${head}.${payload}`).digest('base64url')}`
  },
  'whose claims were changed': async (orders) => {
    const [head, payload = '', signature] = (await orders.sign({ kind: 'caller', id: 'c-1', role: null }, AUDIENCE)).split('.')
    const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), sub: 'c-2' }
    return `${head}.${encoded(claims)}.${signature}`
  },
}

function now(): number {
  return Math.floor(Date.now() / 1_000)
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

test('every token that is not exactly right is refused with the same answer', async (t) => {
  const orders = await startOrders(t)
  const { ask, account, notes, observed } = await startBilling(t, orders)
  await account('ann@example.com', 'customer', 'c-1')
  await account('bob@example.com', 'customer', 'c-2')
  // A right one of each kind passes, so the others are refused for what is wrong with them.
  assert.equal((await ask('GET', '/api/charges', { token: await forged(orders, {}) })).status, 200)
  assert.equal((await ask('GET', '/api/charges', { token: await forged(orders, { as: 'caller', sub: 'c-1' }) })).status, 200)
  const loads = orders.issuer.requests.length
  const bodies = new Set<string>()
  for (const [what, make] of Object.entries(ATTACKS)) {
    const token = await make(orders)
    for (const [method, url, body] of [
      ['GET', '/api/charges', undefined],
      ['POST', '/graphql', { query: '{ charges { nodes { cents } } }' }],
    ] as const) {
      const { status, headers, json } = await ask(method, url, { token, body })
      assert.equal(status, 401, `${what} ${method} ${JSON.stringify(json)}`)
      assert.equal(headers['www-authenticate'], 'Bearer error="invalid_token"')
      if (method === 'GET') bodies.add(JSON.stringify({ ...json, instance: null, traceId: null, id: null }))
    }
  }
  assert.equal(bodies.size, 1, [...bodies].join('\n'))
  assert.equal(notes().length, Object.keys(ATTACKS).length * 2)
  assert.ok(!JSON.stringify(observed).includes('eyJ'), 'no token is in the log')
  assert.ok(orders.issuer.requests.slice(loads).every(({ url }) => url === '/.well-known/jwks.json'))
})

test('a token that was accepted is refused after its end', async (t) => {
  const orders = await startOrders(t)
  const { ask } = await startBilling(t, orders)
  // The end of the token with the leeway of 10 s is a second away.
  const token = await forged(orders, { iat: now() - 60, exp: now() - 8 })
  assert.equal((await ask('GET', '/api/charges', { token })).status, 200)
  const ends = (now() + 2) * 1_000
  while (Date.now() <= ends + 500) await new Promise((resolve) => setTimeout(resolve, 100))
  assert.equal((await ask('GET', '/api/charges', { token })).status, 401)
})

test('requests of a backend with one key are made once, and strangers do not get their answers', async (t) => {
  const orders = await startOrders(t)
  const { ask, sql } = await startBilling(t, orders)
  const headers = { 'idempotency-key': 'charge-1' }
  const charge = async (token: string | undefined) => ask('POST', '/api/charges', { token, body: { cents: 1 }, headers })
  const first = await charge(await orders.sign(VALID, AUDIENCE))
  const again = await charge(await orders.sign(VALID, AUDIENCE))
  assert.deepEqual([first.status, again.status, again.json.id], [201, 201, first.json.id])
  assert.equal((await charge(undefined)).status, 401)
  assert.equal((await sql('select 1 from charges')).length, 1)
})

test('the OpenAPI document says that tokens of other backends are accepted', async (t) => {
  const orders = await startOrders(t)
  const { ask } = await startBilling(t, orders)
  const { json } = await ask('GET', '/openapi.json', { token: await orders.sign(VALID, AUDIENCE) })
  assert.equal(json.components.securitySchemes.backend.scheme, 'bearer')
  assert.ok(json.paths['/api/charges'].post.security.some((one: object) => 'backend' in one))
})
