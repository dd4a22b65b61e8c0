import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { openLargeBodies } from './large-bodies.ts'

/** Work that ends when the test calls `end`. */
function held() {
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  let begun = false
  const work = async () => {
    begun = true
    await ended
  }
  return { work, end, hasBegun: () => begun }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('two of the largest bodies are handled at a time, in order; small bodies never wait', async () => {
  const bodies = openLargeBodies()
  const [first, second, third, fourth] = [held(), held(), held(), held()]
  const all = [first, second, third, fourth].map(({ work }) => bodies.admit(LIMITS.bodyBytes, work))
  await turn()
  assert.deepEqual([first.hasBegun(), second.hasBegun(), third.hasBegun(), fourth.hasBegun()], [true, true, false, false])
  assert.equal(await bodies.admit(1_000, async () => 'small'), 'small')
  second.end()
  await turn()
  assert.deepEqual([third.hasBegun(), fourth.hasBegun()], [true, false])
  for (const { end } of [first, third, fourth]) end()
  await Promise.all(all)
})

test('a large body that waits too long is refused with Retry-After, and failed work gives its room back', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const bodies = openLargeBodies()
  const holding = held()
  const long = bodies.admit(2 * LIMITS.bodyBytes, holding.work)
  const refused = (error: unknown) => error instanceof Failure && error.code === 'overloaded' && error.retryAfterSeconds === 1
  let isRefused = false
  const waiting = assert
    .rejects(async () => bodies.admit(100_000, async () => 'never'), refused)
    .then(() => {
      isRefused = true
    })
  t.mock.timers.tick(1_999)
  await turn()
  assert.equal(isRefused, false)
  t.mock.timers.tick(1)
  await waiting
  holding.end()
  await long
  await assert.rejects(
    bodies.admit(2 * LIMITS.bodyBytes, () => Promise.reject(new Error('it fails'))),
    /it fails/,
  )
  assert.equal(await bodies.admit(2 * LIMITS.bodyBytes, async () => 'room'), 'room')
})

test('the listener is called when the first large body is being handled, and when the last one is done', async () => {
  const told: string[] = []
  const bodies = openLargeBodies((there) => told.push(there))
  const [first, second] = [held(), held()]
  const both = [first, second].map(({ work }) => bodies.admit(LIMITS.bodyBytes, work))
  await bodies.admit(1_000, async () => {})
  assert.deepEqual(told, ['some'])
  for (const { end } of [first, second]) end()
  await Promise.all(both)
  assert.deepEqual(told, ['some', 'none'])
  await assert.rejects(bodies.admit(LIMITS.bodyBytes, () => Promise.reject(new Error('no'))))
  assert.deepEqual(told, ['some', 'none', 'some', 'none'])
})
