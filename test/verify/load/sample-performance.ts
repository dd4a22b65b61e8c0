/** What a load has shown, for tests of the page. */

import { sweepOf } from '../../../src/verify/performance/measure/measure-sweep.ts'
import type { BuildComparison, PerformanceReport } from '../../../src/verify/performance/performance-report.ts'

/** A part of a report about performance in which all that can be null is null once. @param text stands in all texts. */
export function samplePerformance(text: string): PerformanceReport {
  const seen = { ms: 12.5, low: 11, high: 14 }
  const failed = { ms: null, low: 40, high: null }
  const interval = { value: 1, low: 0.9, high: 1.1 }
  const phase = {
    ...{ part: 0.5, rate: 500, requests: 3_000, failed: 0, statuses: [], p50: seen, p95: seen, p99: seen },
    ...{ late: 0.02, busy: 0.2, doubt: text },
  }
  const ceiling = { callers: 32, perSecond: 1_000, failed: 0, ofBare: 0.1 }
  const cost = {
    statements: 1,
    rowsRead: 21,
    bytes: 4_000,
    answerRows: 20,
    serverMs: 0.4,
    databaseMs: null,
    serverMb: 200,
    databaseMb: null,
  }
  return {
    rows: [
      { entity: text, rows: 1_000, target: 5_000, why: null },
      { entity: 'Other', rows: 0, target: null, why: text },
    ],
    ...{ rowsSeconds: 2, durable: false, seconds: 6 },
    bare: { perSecond: [20_000, 21_000, 19_000], drift: 0.1 },
    operations: [
      {
        id: 'A.list',
        what: `GET /api/a ${text}`,
        callers: [text],
        ceiling,
        cost,
        phases: [phase, { ...phase, part: 0.7, p99: failed, doubt: null }],
      },
    ],
    mix: { ceiling, phase: { ...phase, part: null }, operations: [{ id: 'A.list', rare: false, requests: 900, failed: 1, p99: failed }] },
    sweep: sweepOf(
      [1, 2, 4, 8, 16, 32].flatMap((load) =>
        [0.99, 1.01].map((noise) => ({ load, throughput: (noise * 300 * load) / (1 + 0.1 * (load - 1)) })),
      ),
    ),
    instances: [1, 2].map((instances) => ({
      ...{ instances, callers: 32, perSecond: 900, failed: 0, serverMs: 0.5, databaseMs: instances === 1 ? null : 0.2 },
      ...{ connections: 10 * instances, waiting: 0, serverMb: 200 * instances, databaseMb: null },
    })),
    breaking: {
      expected: { perSecond: 500, from: 'half of the most' },
      limits: [
        {
          ...{ resource: 'one row', axis: 'load', where: text, at: 300, unit: 'requests a second', times: 0.6, basis: 'measured' },
          ...{ isProven: true, why: text, change: text },
        },
        {
          ...{ resource: 'the memory for the database', axis: 'rows', where: text, at: 900, unit: 'MB', times: 12, basis: 'extrapolated' },
          ...{ isProven: false, why: text, change: text },
        },
      ],
      next: [{ step: 'read replicas', at: 9_000, unit: 'requests a second', why: text }],
      left: [{ what: text, why: text }],
    },
    growth: {
      parts: [0.01, 0.1, 1],
      operations: [
        {
          ...{ id: 'A.list', what: `GET /api/a ${text}`, times: [], reads: [], slope: null, readSlope: null, growth: 'unclear' },
          ...{ tenfold: null, remedy: null },
        },
        {
          ...{ id: 'A.get', what: 'GET /api/a/{id}', growth: 'grows', slope: interval, readSlope: 1, tenfold: interval },
          times: [10, 100, 1_000].map((rows) => ({ rows, ms: rows / 100 })),
          reads: [10, 1_000].map((rows) => ({ rows, rowsRead: rows })),
          remedy: { from: 'advised', index: text, beforeMs: 10, ms: 0.2, rowsRead: 3 },
        },
      ],
    },
  }
}

/** A comparison with another build in which each verdict and all that can be null is there. @param text stands in all texts. */
export function sampleBuilds(text: string): BuildComparison {
  const interval = { value: 1.15, low: 1.1, high: 1.2 }
  const cost = { serverMs: 0.3, databaseMs: 0.1, elapsedMs: 2 }
  const unseen = { ...cost, databaseMs: null }
  const of = { what: `GET /api/a ${text}`, requests: 300, pairs: 24, processes: 2, measure: 'processor', why: text } as const
  const measured = { ...of, ratio: interval, elapsed: interval, old: cost, new: cost }
  return {
    ...{ with: text, plinth: '0.1.0' },
    operations: [
      { ...measured, id: 'A.list', verdict: 'regressed' },
      { ...measured, id: 'A.get', verdict: 'unchanged', measure: 'elapsed', old: unseen, new: unseen },
      { ...measured, id: 'A.create', verdict: 'faster' },
      { ...measured, id: 'A.update', verdict: 'noisy' },
      { ...of, id: 'A.search', ratio: null, elapsed: null, old: null, new: null, verdict: 'not compared' },
    ],
  }
}
