import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cost, PerformanceReport } from '../performance-report.ts'
import { compareLoads } from './compare-loads.ts'

const COST: Cost = {
  ...{ statements: 1.1, rowsRead: 21, bytes: 4_000, answerRows: 20 },
  ...{ serverMs: 0.4, databaseMs: 0.1, serverMb: 200, databaseMb: 20 },
}

function reportOf(perSecond: number, costs: Readonly<Record<string, Partial<Cost>>>): PerformanceReport {
  const operations = Object.entries(costs).map(([id, cost]) => ({
    ...{ id, what: `GET /api/${id}`, callers: [], phases: [] },
    ...{ ceiling: { callers: 32, perSecond: 900, failed: 0, ofBare: 0.1 }, cost: { ...COST, ...cost } },
  }))
  return {
    ...{ rows: [], rowsSeconds: 1, durable: false, seconds: 1, bare: { perSecond: [perSecond], drift: 0 }, operations },
    ...{ mix: null, sweep: null, instances: null, growth: null, breaking: null },
  }
}

test('more statements and more rows that are read are named, and times on a slower machine are the same multiple of its own speed', () => {
  const earlier = reportOf(10_000, { same: {}, n1: {}, scan: {}, gone: {} })
  const slow = { serverMs: 0.8, databaseMs: 0.2 }
  const later = reportOf(5_000, { same: slow, n1: { ...slow, statements: 21 }, scan: { ...slow, rowsRead: 5_000 }, other: {} })
  const compared = compareLoads(earlier, later)
  assert.deepEqual(
    compared.map(({ id, more }) => [id, more]),
    [
      ['same', false],
      ['n1', true],
      ['scan', true],
    ],
  )
  assert.deepEqual(compared[0]?.cost, { before: 5, after: 5 })
  assert.deepEqual(compared[1]?.statements, { before: 1.1, after: 21 })
})

test('what one run could not see is not compared', () => {
  const [one] = compareLoads(reportOf(10_000, { a: { databaseMs: null, rowsRead: null } }), reportOf(10_000, { a: {} }))
  assert.deepEqual([one?.cost, one?.rowsRead, one?.more], [null, null, false])
})
