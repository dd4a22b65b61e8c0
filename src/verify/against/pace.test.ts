import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answered } from '../expected/answered.ts'
import { OutOfRequests, paced } from './pace.ts'

/** A clock that only waiting moves. */
function clock() {
  let ms = 0
  return {
    now: () => ms,
    sleep: async (wait: number) => {
      ms += wait
    },
  }
}

const answer = (status: number, headers: Answered['headers'] = {}): Answered => ({ status, headers, text: '', json: undefined })

test('no more requests are sent in a second than allowed', async () => {
  const time = clock()
  const at: number[] = []
  const { send, count } = paced<number>(
    async () => {
      at.push(time.now())
      return answer(200)
    },
    { perSecond: 10, most: 100, ...time },
  )
  for (let i = 0; i < 12; i++) await send(i)
  assert.deepEqual(at.slice(0, 3), [0, 100, 200])
  assert.equal(at.at(-1), 1_100)
  assert.equal(count(), 12)
})

test('an answer 429 is waited for as long as it asks, and asked again up to three times', async () => {
  const time = clock()
  const at: number[] = []
  const refusing = (times: number) =>
    paced<string>(
      async () => {
        at.push(time.now())
        return at.length <= times ? answer(429, { 'retry-after': '2' }) : answer(200)
      },
      { perSecond: 1_000, most: 100, ...time },
    )
  assert.equal((await refusing(2).send('x')).status, 200)
  assert.deepEqual(at, [0, 2_000, 4_000])
  at.length = 0
  assert.equal((await refusing(10).send('x')).status, 429)
  assert.equal(at.length, 4)
})

test('a wait of an hour is not waited for, and 503 without Retry-After is an answer', async () => {
  const time = clock()
  for (const one of [answer(429, { 'retry-after': '3600' }), answer(503)]) {
    const { send, count } = paced<string>(async () => one, { perSecond: 10, most: 100, ...time })
    assert.equal((await send('x')).status, one.status)
    assert.equal(count(), 1)
  }
})

test('after the most requests, none is sent', async () => {
  const { send } = paced<string>(async () => answer(200), { perSecond: 1_000, most: 2, ...clock() })
  await send('a')
  await send('b')
  await assert.rejects(send('c'), OutOfRequests)
})
