import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeGrowth } from './judge-growth.ts'

const ROWS = [1_000, 10_000, 100_000, 1_000_000]

function timesOf(msAt: (rows: number) => number) {
  // Three repeats that differ by up to 6 %.
  return ROWS.flatMap((rows) => [0.97, 1.03, 1].map((noise) => ({ rows, ms: msAt(rows) * noise })))
}

function readsOf(readAt: (rows: number) => number | null) {
  return [1_000, 1_000_000].map((rows) => ({ rows, rowsRead: readAt(rows) }))
}

test('work that does not depend on the rows, or by their logarithm, is flat', () => {
  assert.equal(
    judgeGrowth(
      timesOf(() => 0.3),
      readsOf(() => 12),
    ).growth,
    'flat',
  )
  const logarithm = judgeGrowth(
    timesOf((rows) => 0.2 + 0.01 * Math.log2(rows)),
    readsOf(() => 3),
  )
  assert.equal(logarithm.growth, 'flat')
  assert.ok((logarithm.slope?.value ?? 1) < 0.15)
})

test('work in proportion to the rows grows, and ten times the rows take ten times as long', () => {
  const { growth, slope, readSlope, tenfold } = judgeGrowth(
    timesOf((rows) => rows / 50_000),
    readsOf((rows) => rows),
  )
  assert.equal(growth, 'grows')
  assert.ok(slope !== null && Math.abs(slope.value - 1) < 0.02 && slope.low > 0.9)
  assert.equal(Math.round((readSlope ?? 0) * 100), 100)
  assert.ok(tenfold !== null && Math.abs(tenfold.value / 200 - 1) < 0.1, JSON.stringify(tenfold))
})

test('it is unclear when the clock and the rows disagree, or when the rows cannot be seen', () => {
  const slower = timesOf((rows) => rows / 50_000)
  assert.equal(
    judgeGrowth(
      slower,
      readsOf(() => 3),
    ).growth,
    'unclear',
  )
  assert.equal(
    judgeGrowth(
      timesOf(() => 0.3),
      readsOf((rows) => rows),
    ).growth,
    'unclear',
  )
  assert.equal(
    judgeGrowth(
      slower,
      readsOf(() => null),
    ).growth,
    'unclear',
  )
  assert.equal(
    judgeGrowth(
      [],
      readsOf(() => 3),
    ).growth,
    'unclear',
  )
})

test('few rows that become a few more are no growth', () => {
  assert.equal(
    judgeGrowth(
      timesOf(() => 0.3),
      readsOf((rows) => (rows === 1_000 ? 4 : 40)),
    ).growth,
    'flat',
  )
})
