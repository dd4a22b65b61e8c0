import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgePairs, MOST_PAIRS, type Pair } from './gate.ts'
import { type Latencies, percentilesOf, quantile } from './quantiles.ts'
import { exponential, normal, type Random, randomOf, zipf } from './random.ts'
import { theilSen, trimmedEstimate, trimmedMean } from './robust.ts'
import { normalQuantile, studentQuantile } from './student.ts'

/** Latencies at an even rate of one a millisecond. */
const every = (ms: readonly number[]): Latencies => ({ due: Float64Array.from(ms.keys()), ms: Float64Array.from(ms) })

test('quantiles of distributions are those of printed tables', () => {
  assert.ok(Math.abs(normalQuantile(0.975) - 1.959963985) < 1e-8)
  assert.ok(Math.abs(normalQuantile(0.005) + 2.575829304) < 1e-8)
  const table = [
    [0.975, 1, 12.7062],
    [0.975, 2, 4.3027],
    [0.975, 4, 2.7764],
    [0.975, 13, 2.1604],
    [0.995, 7, 3.4995],
    [0.995, 23, 2.8073],
  ] as const
  for (const [share, freedom, known] of table)
    assert.ok(Math.abs(studentQuantile(share, freedom) / known - 1) < 0.002, `${share} ${freedom}`)
})

test('percentiles are those of a sort, and failed requests count as the slowest', () => {
  const random = randomOf(3)
  const ms = Array.from({ length: 2_000 }, () => exponential(random, 10))
  const sorted = ms.toSorted((a, b) => a - b)
  const [p50, p99] = percentilesOf(every(ms), [0.5, 0.99])
  assert.equal(p50?.ms, sorted[999])
  assert.equal(p99?.ms, sorted[1_979])
  assert.ok((p99?.low ?? 0) < (p99?.ms ?? 0) && (p99?.high ?? 0) > (p99?.ms ?? 0))
  // 2 % of failed requests: half are answered in time, and there is no 99th percentile.
  const failed = ms.map((one, i) => (i % 50 === 0 ? Number.POSITIVE_INFINITY : one))
  assert.equal(percentilesOf(every(failed), [0.99])[0]?.ms, null)
  assert.ok((percentilesOf(every(failed), [0.5])[0]?.ms ?? 0) > (p50?.ms ?? 0))
  assert.equal(quantile(Float64Array.of(1, 2, 3, 4), 0.5), 2)
  assert.deepEqual(percentilesOf(every([]), [0.5]), [{ ms: null, low: null, high: null }])
})

test('intervals of percentiles hold the true value mostly, and are wider where requests depend on their neighbours', () => {
  const random = randomOf(5)
  const truth = -Math.log(0.05)
  const held = Array.from({ length: 15 }, (_, i) => {
    const [p95] = percentilesOf(every(Array.from({ length: 3_000 }, () => exponential(random, 1))), [0.95], i)
    return (p95?.low ?? 9) <= truth && (p95?.high ?? 0) >= truth
  }).filter(Boolean).length
  assert.ok(held >= 12, `${held} of 15`)
  const width = (ms: readonly number[]): number => {
    const [p95] = percentilesOf(every(ms), [0.95])
    return (p95?.high ?? 0) - (p95?.low ?? 0)
  }
  const stall = Array.from({ length: 4_000 }, (_, i) => (i % 1_000 < 60 ? 50 : 1) + random())
  const spread = Array.from({ length: 4_000 }, () => (random() < 0.06 ? 50 : 1) + random())
  assert.ok(width(stall) >= width(spread))
})

test('gaps of arrivals are exponential, and low ranks are chosen by the law of Zipf', () => {
  const random = randomOf(1)
  const gaps = Array.from({ length: 20_000 }, () => exponential(random, 4))
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  assert.ok(Math.abs(mean - 4) < 0.1)
  assert.ok(Math.abs(gaps.filter((gap) => gap > 4).length / gaps.length - Math.exp(-1)) < 0.02)
  const next = zipf(random, 1_000)
  const counts = new Map<number, number>()
  for (let i = 0; i < 50_000; i++) {
    const rank = next()
    counts.set(rank, (counts.get(rank) ?? 0) + 1)
  }
  const of = (rank: number): number => counts.get(rank) ?? 0
  assert.ok(Math.abs(of(0) / of(9) - 10 ** 0.99) < 2.5, `${of(0)} and ${of(9)}`)
  assert.ok(Math.max(...counts.keys()) < 1_000 && counts.size > 700)
  assert.deepEqual([zipf(random, 1)(), zipf(random, 1)()], [0, 0])
  assert.equal(randomOf(7)(), randomOf(7)())
})

test('outliers move neither the trimmed mean nor the slope', () => {
  assert.equal(trimmedMean([1, 2, 3, 4, 1_000]), 3)
  const { value, low, high } = trimmedEstimate([1, 2, 3, 2, 1, 3, 2, 2, 1_000, 2], 0.95)
  assert.ok(value < 3 && low < 2.2 && high > 2)
  const line = Array.from({ length: 9 }, (_, i) => ({ x: i, y: 2 * i + (i === 4 ? 500 : 0) }))
  const slope = theilSen(line)
  assert.equal(slope?.value, 2)
  assert.ok((slope?.low ?? 0) <= 2 && (slope?.high ?? 0) >= 2)
  assert.equal(theilSen([{ x: 1, y: 1 }]), null)
})

/** Pairs of two builds whose ratio is known, with noise of a pair and outliers as another process makes them. */
function pairs(
  random: Random,
  { ratio, noise, count }: { readonly ratio: number; readonly noise: number; readonly count: number },
): Pair[] {
  return Array.from({ length: count }, () => {
    const machine = random() < 0.1 ? 2 : 1
    return { old: 1_000, new: 1_000 * ratio * Math.exp(noise * normal(random)) * (random() < 0.05 ? machine : 1) }
  })
}

/** Runs the gate as a run does: 24 pairs at a time. */
function gated(random: Random, of: { readonly ratio: number; readonly noise: number }): string {
  const all: Pair[] = []
  for (;;) {
    all.push(...pairs(random, { ...of, count: 24 }))
    const { verdict } = judgePairs(all, all.length < MOST_PAIRS)
    if (verdict !== 'more') return verdict
  }
}

test('the gate sees 15 % more cost, and never calls an unchanged build regressed', () => {
  for (const noise of [0.03, 0.09]) {
    const random = randomOf(17)
    const run = (ratio: number): readonly string[] => Array.from({ length: 20 }, () => gated(random, { ratio, noise }))
    const [slower, same, faster] = [run(1.15), run(1), run(0.85)]
    const seen = slower.filter((verdict) => verdict === 'regressed').length
    assert.ok(seen >= 19, `${seen} of 20 at ${noise}`)
    assert.deepEqual(
      same.filter((verdict) => verdict === 'regressed' || verdict === 'faster'),
      [],
    )
    assert.ok(same.filter((verdict) => verdict === 'noisy').length <= 1)
    assert.ok(faster.filter((verdict) => verdict === 'faster').length >= 17)
  }
})

test('noise that hides 15 % is said', () => {
  const random = randomOf(23)
  const noisy = Array.from({ length: 8 }, () => gated(random, { ratio: 1, noise: 0.4 }))
  assert.ok(noisy.filter((verdict) => verdict === 'noisy').length >= 6, noisy.join())
  assert.equal(judgePairs([{ old: 1, new: 1 }], false).verdict, 'noisy')
})
