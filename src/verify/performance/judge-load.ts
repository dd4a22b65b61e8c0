/** Whether a backend meets the targets of its design, from what a load has shown. */

import type { BareSpeed, GrowingOperation, LoadPhase, PerformanceReport } from './performance-report.ts'
import type { Percentile } from './statistics/quantiles.ts'

/** A verdict with its reason, in words. */
export interface Judged {
  readonly verdict: 'holds' | 'fails' | 'undecided'
  readonly why: string
}

/** With fewer requests the 99th percentile rests on fewer than ten. */
export const LEAST_FOR_P99 = 1_000
/** If the machine's own speed changes by more than the first part, targets must be met by as much more; the second is too much. */
const USUAL_DRIFT = 0.1
const MOST_DRIFT = 0.5
/** Up to this part of the ceiling every request must be answered. */
const HIGHEST = 0.9
/** The generator sends at most this part of the requests late, and uses at most this part of a processor. */
const MOST_LATE = 0.01
const MOST_BUSY = 0.8
/** Above this part of failed requests a throughput is missed; up to the other one it is met. */
const FAILING = 0.01
const FAULTLESS = 0.001
/** A ceiling below this part of the target misses it; one from the target on meets it. */
const SHORT = 0.95

/** Why a phase is worthless; null if it is not. */
export function doubtOf({ late, busy }: { readonly late: number; readonly busy: number }): string | null {
  if (busy > MOST_BUSY) return `the load generator used ${percent(busy)} of a processor (limit ${percent(MOST_BUSY)})`
  if (late > MOST_LATE) return `the load generator sent ${percent(late)} of the requests more than 1 ms late (limit ${percent(MOST_LATE)})`
  return null
}

/** How much the bare server differed during the run. */
export function driftOf(perSecond: readonly number[]): number {
  if (perSecond.length === 0) return 0
  const mean = perSecond.reduce((sum, one) => sum + one, 0) / perSecond.length
  return mean === 0 ? 0 : (Math.max(...perSecond) - Math.min(...perSecond)) / mean
}

/**
 * Whether the 99th percentile is at most a target. What speaks against the generator only makes latencies longer, so a target that is
 * met is met; one that is missed is then undecided.
 *
 * @param measured what counts: a whole phase, or one operation in it.
 */
export function judgeP99(
  { performance, phase }: { readonly performance: PerformanceReport; readonly phase: LoadPhase },
  measured: { readonly requests: number; readonly p99: Percentile },
  targetMs: number,
): Judged {
  const { ms, low, high } = measured.p99
  const { doubt, margin } = noiseOf(performance.bare)
  if (doubt !== null) return { verdict: 'undecided', why: doubt }
  if (measured.requests < LEAST_FOR_P99)
    return { verdict: 'undecided', why: `${measured.requests} requests are too few for a 99th percentile (it takes ${LEAST_FOR_P99})` }
  const seen =
    ms === null
      ? `1 % of the requests or more failed at ${rateOf(phase)}`
      : `p99 is ${text(ms)} ms (${text(low)} to ${text(high)}) at ${rateOf(phase)}, and the target ${text(targetMs)} ms`
  if (ms === null || (low !== null && low > targetMs * (1 + margin)))
    return phase.doubt === null
      ? { verdict: 'fails', why: ms === null ? seen : `${seen}: missed by ${text(ms - targetMs)} ms` }
      : { verdict: 'undecided', why: `${seen}, but ${phase.doubt}` }
  if (high === null || high * (1 + margin) > targetMs)
    return {
      verdict: 'undecided',
      why: `${seen}, within the interval${margin === 0 ? '' : ` and the ${percent(margin)} by which the machine differed`}`,
    }
  const short = shortRows(performance)
  return short === null
    ? { verdict: 'holds', why: `${seen}: met by ${text(targetMs - ms)} ms` }
    : { verdict: 'undecided', why: `${seen}, but ${short}` }
}

/** Whether the mix of all operations keeps up with a target of requests a second. */
export function judgeThroughput(performance: PerformanceReport, target: number): Judged {
  const { mix } = performance
  if (mix === null) return { verdict: 'undecided', why: 'no operation could be measured' }
  const { phase, ceiling } = mix
  const { doubt, margin } = noiseOf(performance.bare)
  if (doubt !== null) return { verdict: 'undecided', why: doubt }
  const failed = phase.requests === 0 ? 1 : phase.failed / phase.requests
  const seen = `at ${target}/s ${percent(failed)} of ${phase.requests} requests failed, and the most was ${Math.round(ceiling.perSecond)}/s`
  if (failed > FAILING || ceiling.perSecond * (1 + margin) < target * SHORT)
    return phase.doubt === null
      ? { verdict: 'fails', why: `${seen}: missed` }
      : { verdict: 'undecided', why: `${seen}, but ${phase.doubt}` }
  if (failed > FAULTLESS || ceiling.perSecond < target * (1 + margin)) return { verdict: 'undecided', why: `${seen}: too close to say` }
  const short = shortRows(performance)
  if (short !== null) return { verdict: 'undecided', why: `${seen}, but ${short}` }
  return { verdict: 'holds', why: `${seen}: met ${(ceiling.perSecond / target).toFixed(1)} times` }
}

/** Whether every request of an operation was answered below 90 % of its ceiling. */
export function judgeAnswers(phases: readonly LoadPhase[]): Judged {
  const judged = phases.filter(({ part }) => part !== null && part < HIGHEST)
  const requests = judged.reduce((sum, phase) => sum + phase.requests, 0)
  const failed = judged.filter((phase) => phase.failed > 0)
  const [first] = failed.toSorted((a, b) => Number(a.doubt !== null) - Number(b.doubt !== null))
  if (first === undefined)
    return requests === 0
      ? { verdict: 'undecided', why: 'no request was sent' }
      : { verdict: 'holds', why: `all ${requests} requests were answered` }
  const why = `${first.failed} of ${first.requests} requests failed (${statusText(first)}) at ${rateOf(first)}`
  return first.doubt === null ? { verdict: 'fails', why } : { verdict: 'undecided', why: `${why}, but ${first.doubt}` }
}

/** Whether an operation takes no more time with more rows, or no index would change that. */
export function judgeRowGrowth({ growth, slope, readSlope, times, tenfold, remedy }: GrowingOperation): Judged {
  const most = Math.max(0, ...times.map(({ rows }) => rows))
  const power =
    slope === null
      ? 'it was not answered'
      : `time has the power ${digits(slope.value)} of the rows (${digits(slope.low)} to ${digits(slope.high)})`
  const reads = readSlope === null ? 'the rows that are read cannot be seen' : `the rows that are read ${digits(readSlope)}`
  const seen = `${power}, ${reads}, up to ${most.toLocaleString('en')} rows`
  const later =
    tenfold === null
      ? ''
      : `; at ten times as many about ${text(tenfold.value)} ms (extrapolated, ${text(tenfold.low)} to ${text(tenfold.high)})`
  if (remedy !== null) {
    const how = remedy.from === 'declared' ? 'the database lacks an index of the design' : 'an index is missing'
    return {
      verdict: 'fails',
      why: `${seen}${later}. ${how}: with ${remedy.index} it takes ${text(remedy.ms)} ms in place of ${text(remedy.beforeMs)}`,
    }
  }
  if (growth === 'unclear') return { verdict: 'undecided', why: `${seen}: both do not agree, or one cannot be seen` }
  return { verdict: 'holds', why: growth === 'flat' ? seen : `${seen}${later}; no index that was tried helps` }
}

/** Why the machine makes every figure worthless, or by which part it differed; 0 for less than is usual. */
function noiseOf({ drift }: BareSpeed): { readonly doubt: string | null; readonly margin: number } {
  if (drift <= USUAL_DRIFT) return { doubt: null, margin: 0 }
  const said = `the machine was too noisy: a bare node:http differed by ${percent(drift)} during the run (limit ${percent(MOST_DRIFT)})`
  return { doubt: drift > MOST_DRIFT ? said : null, margin: drift }
}

/** Which rows are fewer than the design expects; null if none are. */
function shortRows({ rows }: PerformanceReport): string | null {
  const [short] = rows.filter((one) => one.target !== null && one.rows < one.target)
  return short === undefined ? null : `with ${short.rows} of ${short.target} rows of ${short.entity}`
}

function statusText({ statuses }: LoadPhase): string {
  return statuses.map((status) => (status === 0 ? 'no answer' : String(status))).join(', ')
}

function rateOf({ rate, part }: LoadPhase): string {
  return `${Math.round(rate)}/s${part === null ? '' : `, ${percent(part)} of the ceiling`}`
}

function digits(value: number): number {
  return Number(value.toFixed(2))
}

function percent(part: number): string {
  return `${Number((part * 100).toFixed(part < 0.1 ? 1 : 0))} %`
}

function text(ms: number | null): string {
  return ms === null ? 'a failed request' : String(Number(ms.toPrecision(3)))
}
