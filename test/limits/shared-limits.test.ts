/** Limits hold over two instances, through Redis and through PostgreSQL, and are never open when the store is gone. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Observation } from '../../src/server/http/observe.ts'
import { NO_RATE_LIMITS, type RateLimitPolicies } from '../../src/server/http/rate-limits.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { skip, startRedis } from './redis-server.ts'

const MODEL = modelFrom({
  name: 'shelf',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { create: 'true', read: 'id == auth.id' },
    },
    Book: { fields: { title: { type: 'text' } }, access: { read: 'true', create: 'true' } },
  },
})

/** Two instances of one backend. */
async function instances(t: TestContext, limits: Partial<RateLimitPolicies>, redisUrl: string | null) {
  const observed: Observation[] = []
  const options = {
    rateLimits: { ...NO_RATE_LIMITS, ...limits },
    sharedLimits: { redisUrl },
    observe: (one: Observation) => void observed.push(one),
  }
  const one = await testBackend(t, MODEL, options)
  const two = await testBackend(t, MODEL, { ...options, databaseUrl: one.databaseUrl })
  const both = [one, two]
  return {
    /** The statuses of `count` requests to both in turn, all at once or one after the other. */
    async ask(count: number, how: 'at once' | 'in turn', url = '/api/books', body?: object): Promise<readonly number[]> {
      const send = async (i: number) =>
        (await (both[i % 2] ?? one).ask(body === undefined ? 'GET' : 'POST', url, body === undefined ? {} : { body })).status
      if (how === 'at once') return Promise.all(Array.from({ length: count }, (_, i) => send(i)))
      const statuses: number[] = []
      for (let i = 0; i < count; i++) statuses.push(await send(i))
      return statuses
    },
    observedOf: (kind: string) => observed.filter((one) => one.kind === 'limits' && one.of.kind === kind),
  }
}

function count(statuses: readonly number[], status: number): number {
  return statuses.filter((one) => one === status).length
}

const WRONG = { email: 'nobody@example.com', password: 'Wrong-Otter-42-Field' }

for (const store of ['redis', 'postgres'] as const) {
  const options = { timeout: 120_000, skip: store === 'redis' && skip }
  test(`${store}: of sign-ins at once on two instances exactly as many are tried as the limit says`, options, async (t) => {
    const { ask } = await instances(t, { logins: 10 }, store === 'redis' ? (await startRedis(t)).url : null)
    const statuses = await ask(60, 'at once', '/api/auth/login', WRONG)
    assert.deepEqual([count(statuses, 401), count(statuses, 429)], [10, 50])
  })

  test(`${store}: the requests of one caller are counted over two instances`, options, async (t) => {
    const { ask } = await instances(t, { requests: 100 }, store === 'redis' ? (await startRedis(t)).url : null)
    const statuses = await ask(160, 'in turn')
    assert.equal(count(statuses, 200) + count(statuses, 429), 160)
    // Each instance keeps up to a twentieth of the limit to itself.
    assert.ok(count(statuses, 200) >= 100 && count(statuses, 200) <= 105, `${count(statuses, 200)} were let through`)
  })
}

test('Redis slow, gone, back and flushed: limits hold, nothing fails, and the log says so', { timeout: 120_000, skip }, async (t) => {
  const redis = await startRedis(t)
  const { ask, observedOf } = await instances(t, { requests: 40 }, redis.url)
  assert.equal(count(await ask(10, 'in turn'), 200), 10)
  redis.pause()
  const began = performance.now()
  const slow = await ask(100, 'in turn')
  t.diagnostic(`100 requests without an answer of Redis: ${Math.round(performance.now() - began)} ms`)
  // Each of the two has half of the limit for itself.
  assert.ok(count(slow, 200) + 10 <= 40, `${count(slow, 200)}`)
  assert.equal(count(slow, 200) + count(slow, 429), 100, 'nothing but answers and refusals')
  assert.ok(observedOf('store-lost').length >= 1)
  redis.resume()
  await redis.kill()
  const gone = await ask(40, 'in turn')
  assert.equal(count(gone, 429), 40)
  await redis.restart()
  const signIns = await instances(t, { logins: 8 }, redis.url)
  const back = await signIns.ask(30, 'at once', '/api/auth/login', WRONG)
  assert.equal(count(back, 401), 8)
  await redis.flush()
  await redis.kill()
  const alone = await signIns.ask(30, 'at once', '/api/auth/login', { ...WRONG, email: 'other@example.com' })
  assert.equal(count(alone, 401), 8, 'half of the limit at each instance')
  await redis.restart()
  for (let i = 0; i < 200 && signIns.observedOf('store-back').length === 0; i++) {
    await signIns.ask(2, 'at once', '/api/auth/login', { ...WRONG, email: `next${i}@example.com` })
    await wait(50)
  }
  assert.ok(signIns.observedOf('store-back').length >= 1)
})
