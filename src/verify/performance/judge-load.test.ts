import assert from 'node:assert/strict'
import { test } from 'node:test'
import { doubtOf, driftOf, judgeAnswers, judgeP99, judgeThroughput } from './judge-load.ts'
import type { LoadPhase, PerformanceReport } from './performance-report.ts'

const PHASE: LoadPhase = {
  ...{ part: null, rate: 500, requests: 20_000, failed: 0, statuses: [] },
  ...{ p50: { ms: 2, low: 2, high: 2 }, p95: { ms: 9, low: 8, high: 10 }, p99: { ms: 20, low: 18, high: 22 } },
  ...{ late: 0, busy: 0.1, doubt: null },
}
const CEILING = { callers: 32, perSecond: 1_500, failed: 0, ofBare: 0.1 }

function report(
  changes: { readonly drift?: number; readonly rows?: number; readonly phase?: Partial<LoadPhase>; readonly perSecond?: number } = {},
) {
  const phase = { ...PHASE, ...changes.phase }
  const performance: PerformanceReport = {
    rows: [{ entity: 'Post', rows: changes.rows ?? 1_000, target: 1_000, why: null }],
    ...{ rowsSeconds: 1, durable: false, seconds: 6, operations: [] },
    bare: { perSecond: [1], drift: changes.drift ?? 0 },
    sweep: null,
    growth: null,
    instances: null,
    breaking: null,
    mix: { ceiling: { ...CEILING, perSecond: changes.perSecond ?? 1_500 }, phase, operations: [] },
  }
  return { performance, phase }
}

const p99 = (changes: Parameters<typeof report>[0], target: number) => judgeP99(report(changes), report(changes).phase, target)

test('a target is met or missed only with its whole interval, and the reason has the margin', () => {
  assert.deepEqual(p99({}, 50), { verdict: 'holds', why: 'p99 is 20 ms (18 to 22) at 500/s, and the target 50 ms: met by 30 ms' })
  assert.deepEqual(p99({}, 10), { verdict: 'fails', why: 'p99 is 20 ms (18 to 22) at 500/s, and the target 10 ms: missed by 10 ms' })
  assert.equal(p99({}, 21).verdict, 'undecided')
  assert.equal(p99({ phase: { p99: { ms: null, low: 30, high: null } } }, 50).verdict, 'fails')
  assert.equal(p99({ phase: { p99: { ms: 20, low: 18, high: null } } }, 50).verdict, 'undecided')
})

test('too few requests, too few rows and a noisy machine leave it undecided, with the reason', () => {
  assert.match(p99({ phase: { requests: 400 } }, 50).why, /400 requests are too few/)
  assert.deepEqual(p99({ rows: 10 }, 50).verdict, 'undecided')
  assert.match(p99({ rows: 10 }, 50).why, /with 10 of 1000 rows of Post/)
  assert.equal(p99({ rows: 10 }, 10).verdict, 'fails')
  assert.match(p99({ drift: 0.6 }, 50).why, /too noisy: a bare node:http differed by 60 %/)
  // A machine that differs by 30 % decides only what has more margin.
  assert.equal(p99({ drift: 0.3 }, 50).verdict, 'holds')
  assert.equal(p99({ drift: 0.3 }, 25).verdict, 'undecided')
  assert.equal(p99({ drift: 0.3 }, 16).verdict, 'undecided')
})

test('a generator that is late or busy makes latencies only longer: what is met stays met, what is missed is undecided', () => {
  assert.equal(doubtOf({ late: 0.005, busy: 0.5 }), null)
  assert.match(doubtOf({ late: 0.02, busy: 0.5 }) ?? '', /sent 2 % of the requests more than 1 ms late/)
  assert.match(doubtOf({ late: 0, busy: 0.9 }) ?? '', /used 90 % of a processor/)
  const late = { phase: { doubt: 'the load generator sent 5 % late' } }
  assert.equal(p99(late, 50).verdict, 'holds')
  assert.deepEqual([p99(late, 10).verdict, /sent 5 % late/.test(p99(late, 10).why)], ['undecided', true])
})

test('a throughput is met by the ceiling and by requests that are answered', () => {
  const judged = (changes: Parameters<typeof report>[0], target = 500) => judgeThroughput(report(changes).performance, target)
  assert.deepEqual(judged({}).verdict, 'holds')
  assert.match(judged({}).why, /met 3\.0 times/)
  assert.equal(judged({ perSecond: 400 }).verdict, 'fails')
  assert.equal(judged({ perSecond: 490 }).verdict, 'undecided')
  assert.equal(judged({ phase: { failed: 1_000 } }).verdict, 'fails')
  assert.equal(judged({ phase: { failed: 50 } }).verdict, 'undecided')
  assert.equal(judged({ drift: 0.2, perSecond: 550 }).verdict, 'undecided')
  assert.equal(judgeThroughput({ ...report().performance, mix: null }, 1).verdict, 'undecided')
})

test('answers fail below 90 % of the ceiling, and not above', () => {
  const at = (part: number, failed: number, doubt: string | null = null): LoadPhase => ({
    ...PHASE,
    part,
    failed,
    statuses: failed > 0 ? [0, 503] : [],
    doubt,
  })
  assert.equal(judgeAnswers([at(0.5, 0), at(0.7, 0), at(0.9, 30)]).verdict, 'holds')
  const failed = judgeAnswers([at(0.5, 0), at(0.7, 3)])
  assert.deepEqual(failed, { verdict: 'fails', why: '3 of 20000 requests failed (no answer, 503) at 500/s, 70 % of the ceiling' })
  assert.equal(judgeAnswers([at(0.7, 3, 'late')]).verdict, 'undecided')
  assert.equal(judgeAnswers([at(0.5, 2), at(0.7, 3, 'late')]).verdict, 'fails')
  assert.equal(judgeAnswers([]).verdict, 'undecided')
})

test('the drift of a machine is the largest difference of its measurements', () => {
  assert.equal(driftOf([100, 90, 110]), 0.2)
  assert.equal(driftOf([]), 0)
})
