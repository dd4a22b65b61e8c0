/** The keys of another backend: when they are loaded, and what is accepted while they cannot be. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetchKeys } from '../../src/services/backends/fetch-keys.ts'
import { openKeySet } from '../../src/services/backends/key-set.ts'
import type { BackendObservation } from '../../src/services/backends/observation.ts'
import { jwks, readKeys } from '../../src/services/identity/tokens/keys.ts'
import { openServiceTokens } from '../../src/services/identity/tokens/service-tokens.ts'
import { until } from '../events/events-world.ts'
import { newPem } from '../identity/instances.ts'
import { json, startUpstream, type Upstream } from '../services/upstream.ts'
import { AUDIENCE, forged, newKeys, publish, startBilling, startOrders } from './world.ts'

/** A key set over HTTP whose clock the test moves. */
function keySet(t: { after(end: () => void): void }, issuer: Upstream) {
  const clock = { now: 1_000_000 }
  const observed: BackendObservation[] = []
  const set = openKeySet({
    backend: 'orders',
    load: () => fetchKeys(issuer.url),
    observe: (one) => observed.push(one),
    now: () => clock.now,
  })
  t.after(set.close)
  return { ...set, clock, observed, has: async (kid: string) => (await set.keyOf(kid)) !== null }
}

test('a flood of unknown keys loads the keys once in 30 s', async (t) => {
  const issuer = await startUpstream(t)
  const keys = newKeys()
  publish(issuer, keys)
  const { has, clock } = keySet(t, issuer)
  assert.ok(await has(keys.signing.kid))
  const flood = async (): Promise<number> => {
    const before = issuer.requests.length
    const found = await Promise.all(Array.from({ length: 1_000 }, (_, i) => has(`unknown-${i}`)))
    assert.ok(found.every((one) => !one))
    return issuer.requests.length - before
  }
  assert.equal(await flood(), 0)
  clock.now += 29_000
  assert.equal(await flood(), 0)
  clock.now += 1_000
  assert.equal(await flood(), 1)
  assert.equal(await flood(), 0)
})

test('a new key is accepted at once, and one that is no longer published is refused', async (t) => {
  const issuer = await startUpstream(t)
  const [old, next] = [newPem(), newPem()]
  publish(issuer, readKeys('AUTH_KEYS', old))
  const { has, clock } = keySet(t, issuer)
  const [oldKid, nextKid] = [readKeys('AUTH_KEYS', old).signing.kid, readKeys('AUTH_KEYS', next).signing.kid]
  assert.deepEqual([await has(oldKid), await has(nextKid)], [true, false])
  publish(issuer, readKeys('AUTH_KEYS', `${next}\n${old}`))
  clock.now += 30_000
  assert.deepEqual([await has(nextKid), await has(oldKid)], [true, true])
  publish(issuer, readKeys('AUTH_KEYS', next))
  clock.now += 30_000
  assert.deepEqual([await has('unknown'), await has(oldKid), await has(nextKid)], [false, false, true])
})

test('a backend that publishes no key any more is not accepted after the next load, and a flood still loads nothing', async (t) => {
  const issuer = await startUpstream(t)
  const keys = newKeys()
  publish(issuer, keys)
  const { has, clock, observed } = keySet(t, issuer)
  const { kid } = keys.signing
  assert.ok(await has(kid))
  issuer.answer = json({ keys: [] })
  clock.now += 30_000
  assert.deepEqual([await has('unknown'), await has(kid)], [false, false])
  assert.deepEqual(observed, [{ kind: 'no-keys', backend: 'orders', keys: 0, note: 'it publishes no keys' }])
  const before = issuer.requests.length
  clock.now += 29_000
  assert.deepEqual(await Promise.all(Array.from({ length: 100 }, () => has(kid))), Array(100).fill(false))
  assert.equal(issuer.requests.length, before)
  publish(issuer, keys)
  clock.now += 1_000
  assert.ok(await has(kid))
})

test('while the other backend is down, known keys are accepted for a day and no others', async (t) => {
  const issuer = await startUpstream(t)
  const keys = newKeys()
  publish(issuer, keys)
  const { has, clock, observed } = keySet(t, issuer)
  assert.ok(await has(keys.signing.kid))
  await issuer.close()
  clock.now += 3_600_000
  assert.deepEqual([await has(keys.signing.kid), await has('unknown')], [true, false])
  assert.deepEqual(
    observed.map(({ kind }) => kind),
    ['no-keys'],
  )
  clock.now += 24 * 3_600_000
  assert.equal(await has(keys.signing.kid), false)
})

test('a backend that starts before the other one accepts it once it is there', async (t) => {
  const issuer = await startUpstream(t)
  const keys = newKeys()
  issuer.answer = json({}, 503)
  const { has, clock, observed } = keySet(t, issuer)
  assert.equal(await has(keys.signing.kid), false)
  publish(issuer, keys)
  clock.now += 1_000
  assert.equal(await has(keys.signing.kid), true)
  assert.deepEqual(
    observed.map(({ kind }) => kind),
    ['no-keys', 'keys'],
  )
})

test('a token that comes right after a load has failed waits for the next load', async (t) => {
  const issuer = await startUpstream(t)
  const keys = newKeys()
  issuer.answer = json({}, 503)
  const { has } = keySet(t, issuer)
  assert.equal(await has(keys.signing.kid), false)
  publish(issuer, keys)
  const before = issuer.requests.length
  assert.deepEqual(await Promise.all(Array.from({ length: 50 }, () => has(keys.signing.kid))), Array(50).fill(true))
  assert.equal(issuer.requests.length - before, 1)
})

/** Documents that must not be accepted, by what is wrong with them. */
const DOCUMENTS: Readonly<Record<string, (good: object) => Upstream['answer']>> = {
  'a redirect': () => (_, response) => response.writeHead(302, { location: 'http://127.0.0.1/' }).end(),
  'a page': () => (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
  'an error': (good) => json(good, 500),
  'no JSON': () => (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{'),
  'no set': () => json([]),
  'too many keys': () => json({ keys: Array.from({ length: 51 }, () => newKeys().signing.document) }),
  'too many bytes': (good) => json({ ...good, more: 'x'.repeat(70_000) }),
  'a million levels': () => (_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('['.repeat(30_000) + ']'.repeat(30_000)),
  'a drip': () => (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const timer = setInterval(() => response.write(' '), 100)
    response.on('close', () => clearInterval(timer))
  },
  'secret keys': () => json({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'a', alg: 'HS256', use: 'sig' }] }),
  'keys of another curve': () => json({ keys: [{ ...newKeys().signing.document, crv: 'X25519' }] }),
  'keys for encryption': () => json({ keys: [{ ...newKeys().signing.document, use: 'enc' }] }),
  'half a key': () => json({ keys: [{ ...newKeys().signing.document, x: 'AAAA' }] }),
}

test('documents of other forms are not accepted, and cost at most 3 s and 64 KB', async (t) => {
  const issuer = await startUpstream(t)
  const good = newKeys()
  for (const [what, answer] of Object.entries(DOCUMENTS)) {
    issuer.answer = answer(jwks(good))
    const began = performance.now()
    await assert.rejects(fetchKeys(issuer.url), Error, what)
    assert.ok(performance.now() - began < 10_000, what)
  }
  // Keys of other kinds beside a good one are passed over.
  issuer.answer = json({ keys: [{ kty: 'RSA', kid: 'b' }, null, ...jwks(good).keys] })
  assert.deepEqual([...(await fetchKeys(`${issuer.url}/`)).keys()], [good.signing.kid])
})

test('a backend whose keys change is accepted without a restart of either', async (t) => {
  const orders = await startOrders(t)
  const { ask, observed } = await startBilling(t, orders)
  const status = async (token: Promise<string>): Promise<number> => (await ask('GET', '/api/charges', { token: await token })).status
  assert.equal(await status(orders.sign({ kind: 'system' }, AUDIENCE)), 200)
  assert.ok(orders.issuer.requests.length <= 1)
  const next = newKeys()
  publish(orders.issuer, next)
  const signNext = openServiceTokens({ keys: next, issuer: orders.issuer.url, now: Date.now })
  // Within 30 s of the first load nothing is loaded, and the new key is not known.
  assert.equal(await status(signNext({ kind: 'system' }, AUDIENCE)), 401)
  assert.equal(await status(forged(orders, {})), 200)
  assert.equal(orders.issuer.requests.length, 1)
  assert.ok(!observed.some(({ kind }) => kind === 'backend'))
})

test('a backend whose keys cannot be loaded is refused, and the rest works', async (t) => {
  const orders = await startOrders(t)
  await orders.issuer.close()
  const { ask, account, tokenFor, observed } = await startBilling(t, orders)
  assert.equal((await ask('GET', '/api/charges', { token: await forged(orders, {}) })).status, 401)
  const ann = await account('ann@example.com', 'customer', 'c-1')
  assert.equal((await ask('POST', '/api/charges', { token: await tokenFor(ann), body: { cents: 1 } })).status, 201)
  assert.equal((await ask('GET', '/health/ready')).status, 200)
  await until('the warning', async () => (observed.some((one) => one.kind === 'backend' && one.of.kind === 'no-keys') ? true : null))
})
