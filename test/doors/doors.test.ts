/** The direct door and the Fastify app answer the same bytes alike, and observe the same. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { randomFrom } from '../support/random.ts'
import { BODIES, chunked, closing, METHODS, randomRequest, TARGETS, written } from './raw-requests.ts'
import { type Doors, openDoors, type Sending } from './two-doors.ts'

async function assertAlike({ both }: Doors, sending: Sending): Promise<string> {
  const first = await both(sending)
  const { hangUpAfterMs: patience } = sending
  // On a busy machine a client may have hung up too early.
  const again = patience !== undefined && !isDeepStrictEqual(first.direct, first.fastify)
  const { direct, fastify } = again ? await both({ ...sending, hangUpAfterMs: patience * 20 }) : first
  assert.deepEqual(direct, fastify, JSON.stringify(sending.pieces).slice(0, 2_000))
  return direct.bytes
}

test('every method at every address', { timeout: 120_000 }, async (t) => {
  const doors = await openDoors(t)
  const authorization = `Bearer ${doors.token}`
  for (const method of METHODS) {
    for (const target of TARGETS) {
      await assertAlike(doors, closing({ method, target }))
    }
    for (const target of ['/api/notes', '/api/notes/one', '/api/notes/bulk', '/api/secrets', '/api/auth/me', '/graphql']) {
      for (const headers of [{ authorization }, { origin: 'https://app.example.com' }, { accept: 'text/html' }])
        await assertAlike(doors, closing({ method, target, headers }))
    }
  }
})

test('bodies of every kind', { timeout: 120_000 }, async (t) => {
  const doors = await openDoors(t)
  const authorization = `Bearer ${doors.token}`
  for (const [method, target] of [
    ['POST', '/api/notes'],
    ['POST', '/api/notes/bulk'],
    ['POST', '/api/transaction'],
    ['POST', '/graphql'],
    ['POST', '/api/auth/logout'],
    ['PUT', '/api/notes/one'],
    ['PATCH', '/api/notes/one'],
    ['DELETE', '/api/notes/one'],
    ['GET', '/api/notes/one'],
    ['PUT', '/notes/one/text'],
  ] as const) {
    // A logout with the token would end its session.
    const caller = target === '/api/auth/logout' ? {} : { authorization }
    for (const body of BODIES) {
      await assertAlike(doors, closing({ method, target, body, headers: caller }))
      const headers = { ...caller, 'transfer-encoding': 'chunked' }
      await assertAlike(doors, closing({ method, target, body: chunked(body === '' ? [] : [body]), headers }))
    }
  }
})

test('bodies around the limit, without a length, and with a wrong one', { timeout: 60_000 }, async (t) => {
  const doors = await openDoors(t)
  const large = (bytes: number) => `{"id":"l","text":"${'x'.repeat(bytes - 20)}"}`
  for (const [bytes, status] of [
    [1_048_576, 201],
    [1_048_577, 413],
  ] as const) {
    const sent = large(bytes)
    assert.match(await assertAlike(doors, closing({ method: 'POST', target: '/api/notes', body: sent })), new RegExp(`^HTTP/1.1 ${status}`))
    const headers = { 'transfer-encoding': 'chunked' }
    const body = chunked([sent.slice(0, 1_000_000), sent.slice(1_000_000)])
    await assertAlike(doors, { ...closing({ method: 'POST', target: '/api/notes', body, headers }), hangUpAfterMs: 1_000 })
  }
  for (const length of ['1048577', '3', '-1', '5.0', '1e1', '00000000000000002', '2, 2', '']) {
    const sending = closing({ method: 'POST', target: '/api/notes', body: '{}', headers: { 'content-length': length } })
    await assertAlike(doors, { ...sending, hangUpAfterMs: 200 })
  }
})

test('100-continue, other expectations, pipelined requests and pieces', { timeout: 60_000 }, async (t) => {
  const doors = await openDoors(t)
  const post = { method: 'POST', target: '/api/notes', body: '{"id":"new","text":"made"}' }
  const continued = await assertAlike(doors, closing({ ...post, headers: { expect: '100-continue' } }))
  assert.match(continued, /^HTTP\/1.1 100 Continue\n\nHTTP\/1.1 201/)
  await assertAlike(doors, closing({ ...post, headers: { expect: 'wonders' } }))
  const last = written({ target: '/api/notes/two', headers: { connection: 'close' } })
  const pipelined = [written(post), written({ target: '/api/notes/one' }), written({ method: 'HEAD', target: '/api/notes' }), last]
  assert.equal((await assertAlike(doors, { pieces: [pipelined.join('')] })).match(/HTTP\/1\.1 2/g)?.length, 4)
  await assertAlike(doors, { pieces: pipelined })
  await assertAlike(doors, { pieces: [...`${written(post).replace('localhost', 'l')}${last}`].map((one) => one).slice(0, 400) })
})

test('clients that disconnect in the middle', { timeout: 60_000 }, async (t) => {
  const doors = await openDoors(t)
  const post = written({ method: 'POST', target: '/api/notes', body: '{"id":"new","text":"made"}' })
  for (const bytes of [post.slice(0, -5), post.slice(0, 20), written({ target: '/api/notes' })])
    await assertAlike(doors, { pieces: [bytes], hangUpAfterMs: 60 })
})

test('a thousand random requests', { timeout: 300_000 }, async (t) => {
  const doors = await openDoors(t)
  const random = randomFrom(11)
  for (let i = 0; i < 1_000; i++) await assertAlike(doors, randomRequest(random, doors.token))
})

test('addresses that a trusted proxy names, an https address, and a spent rate limit', { timeout: 60_000 }, async (t) => {
  const doors = await openDoors(t, {
    trustedProxies: ['127.0.0.0/8'],
    publicUrl: 'https://api.example.com',
    rateLimits: { requests: 3, passwords: 1, logins: 1 },
  })
  const statuses: string[] = []
  for (let i = 0; i < 4; i++) {
    const sending = closing({ target: '/api/notes', headers: { 'x-forwarded-for': '203.0.113.9' } })
    const { direct, fastify } = await doors.both(sending)
    statuses.push(direct.bytes.slice(9, 12), fastify.bytes.slice(9, 12))
  }
  assert.deepEqual(statuses, ['200', '200', '200', '429', '429', '429', '429', '429'])
  for (const address of ['203.0.113.9', '203.0.113.9, 127.0.0.2', 'unknown', ''])
    await assertAlike(doors, closing({ target: '/api/notes', headers: { 'x-forwarded-for': `203.0.113.8, ${address}` } }))
  await assertAlike(doors, closing({ target: '/api/notes/none', headers: { 'x-forwarded-for': '203.0.113.9' } }))
})
