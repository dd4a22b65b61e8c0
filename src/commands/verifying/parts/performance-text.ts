/** What a load has shown, as text for a terminal. */

import type { LoadPhase, PerformanceReport } from '../../../verify/performance/performance-report.ts'
import type { Percentile } from '../../../verify/performance/statistics/quantiles.ts'
import { plainText } from '../../terminal/layout.ts'

/** The most requests a second and the latency of each operation, and of all together. */
export function performanceText(performance: PerformanceReport | null): readonly string[] {
  if (performance === null) return []
  const { operations, mix, bare, rows, durable } = performance
  const loaded = rows.map((one) => `${one.entity} ${one.rows.toLocaleString('en')}`).join(', ')
  return [
    `  load         rows: ${plainText(loaded)}${durable ? '' : ' · the database does not wait for the disk, so writes are faster than in production'}`,
    ...operations.map(
      ({ what, ceiling, cost, phases }) =>
        `    ${plainText(what)}: at most ${Math.round(ceiling.perSecond)}/s${halfText(phases)}${costText(cost)}`,
    ),
    ...(mix === null
      ? []
      : [`    all together: at most ${Math.round(mix.ceiling.perSecond)}/s; at ${Math.round(mix.phase.rate)}/s ${latencyText(mix.phase)}`]),
    ...sweepText(performance),
    ...instancesText(performance),
    ...growthText(performance),
    ...breakingText(performance),
    `    bare node:http ${bare.perSecond.join(', ')}/s (drift ${Math.round(bare.drift * 100)} %); server, database and load shared the processors of this machine, so nothing here is a claim about throughput`,
  ]
}

/** The fit of throughput by callers, or why there is no verdict. */
function sweepText({ sweep }: PerformanceReport): readonly string[] {
  if (sweep === null) return []
  const { fit, doubts } = sweep
  if (fit === null || doubts.length > 0) return [`    by callers: no verdict (${doubts.join('; ')})`]
  const peak = fit.peak === null ? 'no peak up to the most that were measured' : `most with ${fit.peak} callers`
  return [`    by callers: λ ${fit.lambda.value}, σ ${fit.sigma.value}, κ ${fit.kappa.value}; ${peak}`]
}

/** What more serving processes cost. */
function instancesText({ instances }: PerformanceReport): readonly string[] {
  if (instances === null) return []
  const ms = (value: number | null): string => (value === null ? 'unknown' : `${value} ms`)
  const each = instances.map(
    (one) => `${one.instances}: ${ms(one.serverMs)} of servers and ${ms(one.databaseMs)} of the database, ${one.connections} connections`,
  )
  return [`    by serving processes, for a request: ${each.join(' · ')}`]
}

/** How reads grow with the rows. */
function growthText({ growth }: PerformanceReport): readonly string[] {
  if (growth === null || growth.operations.length === 0) return []
  const named = (how: string): readonly string[] => growth.operations.filter((one) => one.growth === how).map(({ what }) => plainText(what))
  const [grows, unclear] = [named('grows'), named('unclear')]
  const said = grows.length === 0 ? 'no read grows' : `grows: ${grows.join(', ')}`
  return [`    by rows: ${said}${unclear.length === 0 ? '' : `; unclear: ${unclear.join(', ')}`}`]
}

/** What breaks first, and what to change. */
function breakingText({ breaking }: PerformanceReport): readonly string[] {
  const [first] = breaking?.limits ?? []
  if (breaking === null || first === undefined) return []
  const { resource, at, unit, times, axis, where, why, change, isProven } = first
  const of = axis === 'rows' ? 'the rows' : `the ${breaking.expected.perSecond}/s that are expected`
  return [
    `    breaks first: ${resource}${isProven ? '' : ' (suspected)'}, at ${at} ${unit} (${times} times ${of}): ${plainText(where)}`,
    `      ${plainText(why)}`,
    `      change: ${plainText(change)}`,
    ...(breaking.next.length === 0
      ? []
      : [`    next steps: ${breaking.next.map((one) => `${one.step} from ${one.at.toLocaleString('en')} ${one.unit} on`).join(', ')}`]),
  ]
}

function halfText(phases: readonly LoadPhase[]): string {
  const [half] = phases
  return half === undefined ? '' : `, half of it ${latencyText(half)}`
}

function latencyText({ requests, p50, p99, failed, doubt }: LoadPhase): string {
  if (requests === 0) return 'no request'
  return `p50 ${msText(p50)}, p99 ${msText(p99)}${failed === 0 ? '' : `, ${failed} failed`}${doubt === null ? '' : ' (in doubt)'}`
}

function msText({ ms }: Percentile): string {
  return ms === null ? 'failed' : `${Number(ms.toPrecision(3))} ms`
}

function costText({ statements, rowsRead }: PerformanceReport['operations'][number]['cost']): string {
  return statements === null || rowsRead === null ? '' : ` · ${statements} statements, ${rowsRead} rows read`
}
