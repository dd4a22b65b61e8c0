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
    `    bare node:http ${bare.perSecond.join(', ')}/s (drift ${Math.round(bare.drift * 100)} %); server, database and load shared this machine`,
  ]
}

function halfText(phases: readonly LoadPhase[]): string {
  const [half] = phases
  return half === undefined ? '' : `, half of it ${latencyText(half)}`
}

function latencyText({ p50, p99, failed, doubt }: LoadPhase): string {
  return `p50 ${msText(p50)}, p99 ${msText(p99)}${failed === 0 ? '' : `, ${failed} failed`}${doubt === null ? '' : ' (in doubt)'}`
}

function msText({ ms }: Percentile): string {
  return ms === null ? 'failed' : `${Number(ms.toPrecision(3))} ms`
}

function costText({ statements, rowsRead }: PerformanceReport['operations'][number]['cost']): string {
  return statements === null || rowsRead === null ? '' : ` · ${statements} statements, ${rowsRead} rows read`
}
