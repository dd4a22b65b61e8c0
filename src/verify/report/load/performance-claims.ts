/** The claims about performance: that requests are answered under load, and that the targets of the design are met. */

import type { Targets } from '../../../model/parts/goals.ts'
import { type Judged, judgeAnswers, judgeP99, judgeRowGrowth, judgeThroughput } from '../../performance/judge-load.ts'
import type { GrowingOperation, LoadPhase, PerformanceReport } from '../../performance/performance-report.ts'
import type { VerifiedClaim } from '../claims-of.ts'
import type { Evidence } from '../evidence-of.ts'

/** Where the targets stand, and which claims were asked for. */
export interface PerformanceOrigin {
  readonly file: string
  readonly commandFor: (name: string) => string
  readonly targets: Targets
  /** The beginning of the ids of the claims; undefined for all. */
  readonly only: string | undefined
}

/** What was measured for one claim. */
export interface Measured {
  readonly id: string
  readonly claim: string
  readonly path: string
  /** What was asked, as in HTTP. */
  readonly request: string
  readonly judged: Judged
  /** How many requests were measured, and how many were right. */
  readonly requests: number
  readonly right: number
  /** What it was compared with, how, and what is counted; those of a load unless given. */
  readonly oracle?: string
  readonly method?: string
  readonly counted?: 'requests' | 'measurements'
}

/** The claims of a load. */
export function performanceClaims(performance: PerformanceReport, origin: PerformanceOrigin): readonly VerifiedClaim[] {
  const { targets, only } = origin
  const { mix } = performance
  const all = [
    ...performance.operations.map((operation) => answers(operation)),
    ...(mix === null || targets.p99Ms === null ? [] : latencies({ performance, mix, targetMs: targets.p99Ms })),
    ...(mix === null || targets.throughput === null ? [] : [throughput(performance, mix.phase, targets.throughput)]),
    ...(performance.growth?.operations ?? []).map(growing),
  ]
  return all
    .filter(
      ({ id }) => only === undefined || only === 'performance' || id === only || id.startsWith(`${only}/`) || id.startsWith(`${only}.`),
    )
    .map((measured) => claimOfMeasured(measured, origin))
}

function answers({ id, what, phases }: PerformanceReport['operations'][number]): Measured {
  const judged = phases.filter(({ part }) => part !== null && part < 0.9)
  const requests = judged.reduce((sum, phase) => sum + phase.requests, 0)
  return {
    id: `performance/answers/${id}`,
    claim: `Up to 70 % of its ceiling, every request ${what} is answered.`,
    path: '',
    request: what,
    judged: judgeAnswers(phases),
    requests,
    right: requests - judged.reduce((sum, phase) => sum + phase.failed, 0),
  }
}

function latencies(of: {
  readonly performance: PerformanceReport
  readonly mix: NonNullable<PerformanceReport['mix']>
  readonly targetMs: number
}): readonly Measured[] {
  const { performance, mix, targetMs } = of
  return mix.operations
    .filter(({ rare }) => !rare)
    .map((one) => {
      const what = performance.operations.find(({ id }) => id === one.id)?.what ?? one.id
      return {
        id: `performance/p99/${one.id}`,
        claim: `99 of 100 requests ${what} are answered within ${targetMs} ms, while all operations run.`,
        path: 'targets.p99',
        request: what,
        judged: judgeP99({ performance, phase: mix.phase }, one, targetMs),
        requests: one.requests,
        right: one.requests - one.failed,
      }
    })
}

function throughput(performance: PerformanceReport, phase: LoadPhase, target: number): Measured {
  return {
    id: 'performance/throughput',
    claim: `The backend answers ${target} requests a second of all operations together.`,
    path: 'targets.throughput',
    request: `${target} requests a second`,
    judged: judgeThroughput(performance, target),
    requests: phase.requests,
    right: phase.requests - phase.failed,
  }
}

function growing(operation: GrowingOperation): Measured {
  const { id, what, times } = operation
  return {
    id: `performance/growth/${id}`,
    claim: `With a thousand times as many rows, ${what} takes no longer, or no index would change that.`,
    path: '',
    request: what,
    judged: judgeRowGrowth(operation),
    requests: times.length,
    right: times.length,
    ...GROWTH_METHOD,
  }
}

const LOAD_METHOD = {
  oracle: 'statuses of the answers',
  method: 'requests with exponential gaps, measured from the time at which each was due; failed ones count as the slowest',
  counted: 'requests',
} as const
const GROWTH_METHOD = {
  oracle: 'the rows that PostgreSQL has read, and a clock',
  method: 'requests of one caller who waits for each answer, on 0.1, 1, 10 and 100 % of the rows; the median of all slopes (Theil and Sen)',
  counted: 'measurements',
} as const

/** The claim about a measurement. */
export function claimOfMeasured(measured: Measured, { file, commandFor }: PerformanceOrigin): VerifiedClaim {
  const { id, claim, path, judged, requests, right, counted = LOAD_METHOD.counted } = measured
  const { method = LOAD_METHOD.method, oracle = path === '' ? LOAD_METHOD.oracle : 'the targets of the design' } = measured
  const failed = judged.verdict === 'fails' ? 1 : 0
  const undecided = judged.verdict === 'undecided' ? 1 : 0
  return {
    id,
    family: 'performance',
    claim,
    from: { file, line: null, path, rule: '' },
    method: {
      kind: 'load',
      oracle,
      doors: [],
      text: method,
    },
    denominator: { what: counted, total: requests, impossible: 0, unreachable: 0, open: undecided, untested: 0, reachable: requests },
    result: { verdict: judged.verdict, reached: right, cases: 1, failed, undecided },
    unreachable: [],
    open: undecided === 0 ? [] : [judged.why],
    untested: [],
    evidence: [evidenceOf(measured)],
    passed: [],
    reproduce: { command: commandFor(id) },
  }
}

function evidenceOf({ id, request, judged }: Measured): Evidence {
  return {
    ...{ case: id, caller: 'all callers', request, body: null, status: 0, expected: [] },
    because: judged.why,
    atoms: {},
    wrong: judged.verdict === 'fails' ? judged.why : null,
    answer: null,
    ms: 0,
  }
}
