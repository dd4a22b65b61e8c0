import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CallCost, maxBatchSize, updateCost } from './batch-size.ts'

/** The sizes of consecutive batches of a statement with a full queue; `ms` gives the time of a batch. */
function sizes(batches: number, ms: (calls: number) => number): readonly number[] {
  let known: CallCost | undefined
  return Array.from({ length: batches }, () => {
    const calls = maxBatchSize(known)
    known = updateCost(known, calls, ms(calls))
    return calls
  })
}

/** Noise with an exponential distribution and a fixed seed. */
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

test('the first call of a statement runs singly, and the batch size doubles while more calls cost almost nothing', () => {
  assert.deepEqual(
    sizes(9, (calls) => 0.3 + calls * 0.001),
    [1, 2, 4, 8, 16, 32, 64, 128, 128],
  )
})

test('calls with a cost share batches of about two milliseconds', () => {
  const late = sizes(300, (calls) => 0.3 + calls * 0.2).slice(100)
  assert.ok(median(late) >= 8 && median(late) <= 14, String(median(late)))
})

test('an expensive call runs singly, and batches of it are rarely tried', () => {
  assert.deepEqual(new Set(sizes(100, () => 60)), new Set([1]))
  const late = sizes(1_000, (calls) => 20 * calls)
  assert.ok(late.filter((calls) => calls > 1).length < 20, String(late.filter((calls) => calls > 1).length))
})

test('expensive calls that share most of their work share batches that take up to twice as long as one call', () => {
  const late = sizes(300, (calls) => 4 + calls * 0.4).slice(100)
  assert.ok(median(late) >= 8 && median(late) <= 14, String(median(late)))
})

test('a slow disk or a distant server does not make batches smaller', () => {
  const disk = noise(8)
  const late = sizes(1_000, (calls) => disk() + calls * 0.07).slice(100)
  assert.ok(median(late) >= 16, String(median(late)))
})

test('occasional late answers do not make cheap calls run singly', () => {
  let batches = 0
  const late = sizes(400, (calls) => 0.4 + calls * 0.02 + (++batches % 7 === 2 ? 15 * Math.min(calls, 2) : 0)).slice(20)
  assert.ok(Math.min(...late) >= 4, String(Math.min(...late)))
})

test('the batch size grows again when a statement becomes cheaper', () => {
  let known: CallCost | undefined
  for (let i = 0; i < 50; i++) known = updateCost(known, maxBatchSize(known), 20 * maxBatchSize(known))
  assert.equal(maxBatchSize(known), 1)
  for (let i = 0; i < 1_000; i++) known = updateCost(known, maxBatchSize(known), 0.3 + 0.01 * maxBatchSize(known))
  assert.ok(maxBatchSize(known) > 32, String(maxBatchSize(known)))
})
