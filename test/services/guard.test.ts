/** Retries, circuit breaker and bulkhead of a service. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { ServiceDesign } from '../../src/design/authoring/behaviour-design.ts'
import { json, startUpstream, type Upstream } from './upstream.ts'
import { failureOf, type ServiceWorld, serviceWorld } from './world.ts'

async function world(t: TestContext, service: Partial<ServiceDesign>): Promise<ServiceWorld & { readonly upstream: Upstream }> {
  const upstream = await startUpstream(t)
  return { upstream, ...serviceWorld(t, { baseUrl: upstream.url, ...service }) }
}

const failing = json({}, 500)
/** Answers the first requests with a failure. */
function failingFirst(upstream: Upstream, times: number, failed: Upstream['answer'] = failing): void {
  let left = times
  upstream.answer = (request, response) => (left-- > 0 ? failed : json({ ok: true }))(request, response)
}

test('a failed GET is repeated, and a POST only with a key', async (t) => {
  const { upstream, client, observed } = await world(t, { retries: 2 })
  failingFirst(upstream, 2)
  assert.deepEqual(await client.get('/'), { ok: true })
  assert.equal(upstream.requests.length, 3)
  failingFirst(upstream, 1)
  assert.equal((await failureOf(client.post('/', { body: {} }))).status, 500)
  assert.equal(upstream.requests.length, 4)
  failingFirst(upstream, 1)
  assert.deepEqual(await client.post('/', { body: {}, idempotencyKey: 'k' }), { ok: true })
  assert.deepEqual(
    upstream.requests.slice(4).map(({ headers }) => headers['idempotency-key']),
    ['k', 'k'],
  )
  failingFirst(upstream, 9)
  await failureOf(client.get('/'))
  assert.equal(upstream.requests.length, 9)
  const calls = observed.flatMap((one) => (one.kind === 'call' ? [[one.attempts, one.status]] : []))
  assert.deepEqual(calls, [
    [3, 200],
    [1, 500],
    [2, 200],
    [3, 500],
  ])
  failingFirst(upstream, 1, json({}, 400))
  await failureOf(client.get('/'))
  assert.equal(upstream.requests.length, 10)
})

test('Retry-After is waited for, if there is time for it', async (t) => {
  const { upstream, client } = await world(t, {})
  failingFirst(upstream, 1, json({}, 503, { 'retry-after': '1' }))
  const began = performance.now()
  assert.deepEqual(await client.get('/'), { ok: true })
  // Timers may fire a millisecond early.
  assert.ok(performance.now() - began >= 990)
  failingFirst(upstream, 1, json({}, 503, { 'retry-after': '3600' }))
  const error = await failureOf(client.get('/'))
  assert.deepEqual([error.status, error.retryAfterSeconds], [503, 3600])
  assert.equal(upstream.requests.length, 3)
})

test('in steady state at most a tenth of the calls is repeated', async (t) => {
  const { upstream, client } = await world(t, { retries: 5, circuitBreaker: { failures: 1_000 } })
  upstream.answer = json({}, 503, { 'retry-after': '0' })
  for (let i = 0; i < 10; i++) await failureOf(client.get('/'))
  const before = upstream.requests.length
  for (let i = 0; i < 200; i++) await failureOf(client.get('/'))
  const repeated = upstream.requests.length - before - 200
  assert.ok(repeated >= 15 && repeated <= 20, `${repeated} repetitions`)
})

test('the breaker opens, lets one call try again after its pause, and closes when it succeeds', async (t) => {
  const { upstream, client, observed } = await world(t, { retries: 0, circuitBreaker: { failures: 3, pause: '300ms' } })
  const states = () => observed.flatMap((one) => (one.kind === 'breaker' ? [one.state] : []))
  upstream.answer = failing
  for (let i = 0; i < 3; i++) assert.equal((await failureOf(client.get('/'))).reason, 'status')
  const stopped = await failureOf(client.get('/'))
  assert.deepEqual([stopped.reason, stopped.code, stopped.retryAfterSeconds], ['breaker-open', 'service_unavailable', 1])
  assert.deepEqual([upstream.requests.length, states()], [3, ['open']])
  const untilTried = async (): Promise<void> => {
    const before = upstream.requests.length
    while (upstream.requests.length === before) {
      await client.get('/').catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  await untilTried()
  assert.deepEqual(states(), ['open', 'half-open', 'open'])
  // While one call tries again, others are refused at once.
  let release = (): void => {}
  upstream.answer = (request, response) => {
    release = () => json({ ok: true })(request, response)
  }
  const probing: Promise<unknown>[] = []
  while (upstream.requests.length < 5) {
    probing.push(client.get('/').catch(() => null))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.equal((await failureOf(client.get('/'))).reason, 'breaker-open')
  release()
  assert.deepEqual(await probing.at(-1), { ok: true })
  assert.deepEqual(states(), ['open', 'half-open', 'open', 'half-open', 'closed'])
  upstream.answer = json({ ok: 1 })
  assert.deepEqual(await client.get('/'), { ok: 1 })
})

test('a refused request does not open the breaker, and half of twenty failed calls do', async (t) => {
  const { upstream, client } = await world(t, { retries: 0 })
  upstream.answer = json({}, 404)
  for (let i = 0; i < 30; i++) assert.equal((await failureOf(client.get('/'))).status, 404)
  upstream.answer = failing
  const reasons = new Set<string>()
  for (let i = 0; i < 60 && !reasons.has('breaker-open'); i++) reasons.add((await failureOf(client.get('/'))).reason)
  assert.deepEqual([...reasons], ['status', 'breaker-open'])
})

test('as many calls as allowed run and wait, and further ones are refused at once', async (t) => {
  const { upstream, client } = await world(t, { concurrency: 2, queue: 1 })
  const held: (() => void)[] = []
  upstream.answer = (request, response) => held.push(() => json({ ok: true })(request, response))
  const calls = [client.get('/1'), client.get('/2'), client.get('/3')]
  while (upstream.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  const full = await failureOf(client.get('/4'))
  assert.deepEqual([full.reason, full.code], ['full', 'service_overloaded'])
  while (held.length > 0 || upstream.requests.length < 3) {
    held.shift()?.()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  held.shift()?.()
  assert.deepEqual(await Promise.all(calls), [{ ok: true }, { ok: true }, { ok: true }])
  assert.equal(upstream.requests.length, 3)
})

test('a call that waits for a room is given up when its time is over', async (t) => {
  const { upstream, client } = await world(t, { concurrency: 1, queue: 5 })
  upstream.answer = () => {}
  const running = failureOf(client.get('/1', { timeout: '5s' }))
  while (upstream.requests.length < 1) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.equal((await failureOf(client.get('/2', { timeout: '100ms' }))).reason, 'timeout')
  assert.equal(upstream.requests.length, 1)
  await upstream.close()
  assert.equal((await running).reason, 'unreachable')
})
