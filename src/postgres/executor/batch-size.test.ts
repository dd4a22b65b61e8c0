import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Learned, learn, sizeAfter } from './batch-size.ts'

/** Sizes that are chosen trip by trip for a statement with a full queue, whose time for so many calls is `ms`. */
function sizes(trips: number, ms: (calls: number) => number): readonly number[] {
  let known: Learned | undefined
  return Array.from({ length: trips }, () => {
    const calls = sizeAfter(known)
    known = learn(known, calls, ms(calls))
    return calls
  })
}

/** Noise of an exponential distribution, the same each time. */
function noise(mean: number): () => number {
  let state = 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return -mean * Math.log(state / 2_147_483_647)
  }
}

function median(some: readonly number[]): number {
  return [...some].sort((a, b) => a - b)[Math.floor(some.length / 2)] ?? 0
}

test('the first call of a statement goes alone, and the number doubles while more calls cost next to nothing', () => {
  assert.deepEqual(
    sizes(9, (calls) => 0.3 + calls * 0.001),
    [1, 2, 4, 8, 16, 32, 64, 128, 128],
  )
})

test('calls that cost something go together for some two milliseconds', () => {
  const late = sizes(300, (calls) => 0.3 + calls * 0.2).slice(100)
  assert.ok(median(late) >= 8 && median(late) <= 14, String(median(late)))
})

test('an expensive call goes alone, and is seldom tried with another one', () => {
  assert.deepEqual(new Set(sizes(100, () => 60)), new Set([1]))
  const late = sizes(1_000, (calls) => 20 * calls)
  assert.ok(late.filter((calls) => calls > 1).length < 20, String(late.filter((calls) => calls > 1).length))
})

test('expensive calls that share most of their work go together for as long again as one takes', () => {
  const late = sizes(300, (calls) => 4 + calls * 0.4).slice(100)
  assert.ok(median(late) >= 8 && median(late) <= 14, String(median(late)))
})

test('a slow disk or a long way is no reason for smaller batches', () => {
  const disk = noise(8)
  const late = sizes(1_000, (calls) => disk() + calls * 0.07).slice(100)
  assert.ok(median(late) >= 16, String(median(late)))
})

test('answers that come late now and then do not send cheap calls alone', () => {
  let trips = 0
  const late = sizes(400, (calls) => 0.4 + calls * 0.02 + (++trips % 7 === 2 ? 15 * Math.min(calls, 2) : 0)).slice(20)
  assert.ok(Math.min(...late) >= 4, String(Math.min(...late)))
})

test('what has become cheap is found out', () => {
  let known: Learned | undefined
  for (let i = 0; i < 50; i++) known = learn(known, sizeAfter(known), 20 * sizeAfter(known))
  assert.equal(sizeAfter(known), 1)
  for (let i = 0; i < 1_000; i++) known = learn(known, sizeAfter(known), 0.3 + 0.01 * sizeAfter(known))
  assert.ok(sizeAfter(known) > 32, String(sizeAfter(known)))
})
