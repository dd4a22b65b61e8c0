/** What breaks first when the load or the rows grow, from what a load has shown. Pure. */

import type { BreakingPoints, MeasuredGrowth, ResourceLimit } from '../performance-report.ts'
import { connectionLimit, databaseLimit, nextSteps, serverLimit, sizeLimit } from './capacity-limits.ts'
import { relationLimits } from './included-relations.ts'
import { lockLimits } from './lock-limits.ts'
import type { FoundLimit, MeasuredLimits } from './measured-limits.ts'

/** Without a target, a read may take this long. */
const PATIENCE_MS = 1_000

/** All limits, the one that comes first at the front. */
export function limitsOf(measured: MeasuredLimits): BreakingPoints {
  const { expected, growth, targetMs, left } = measured
  const plain = [
    ...lockLimits(measured),
    ...relationLimits(measured),
    ...growthLimits(growth, targetMs ?? PATIENCE_MS),
    sizeLimit(measured),
  ]
  const found = [
    ...plain.map((limit) => ({ limit, cause: null })),
    ...[serverLimit(measured), databaseLimit(measured), connectionLimit(measured)],
  ].filter((one): one is FoundLimit => one?.limit != null)
  return { expected, limits: named(found.toSorted((a, b) => a.limit.times - b.limit.times)), next: nextSteps(measured), left }
}

/** A cause has its name where it comes first; where it uses up other resources later, these have their own. */
function named(found: readonly FoundLimit[]): readonly ResourceLimit[] {
  const known = new Set<string>()
  return found.map(({ limit, cause }) => {
    if (cause === null || known.has(cause.where)) return limit
    known.add(cause.where)
    return { ...limit, ...cause }
  })
}

/** Reads that take too long with more rows. */
function growthLimits(growth: MeasuredGrowth | null, mostMs: number): readonly ResourceLimit[] {
  return (growth?.operations ?? []).flatMap(({ what, growth: how, slope, times, remedy }) => {
    const most = Math.max(0, ...times.map(({ rows }) => rows))
    const last = times.filter(({ rows }) => rows === most).map(({ ms }) => ms)
    const ms = last.toSorted((a, b) => a - b)[Math.floor(last.length / 2)]
    if (how !== 'grows' || slope === null || ms === undefined || slope.value <= 0) return []
    const factor = Math.max(1, (mostMs / ms) ** (1 / slope.value))
    return [
      {
        ...{
          resource: 'rows that a read goes through',
          axis: 'rows',
          where: what,
          basis: factor > 1 ? 'extrapolated' : 'measured',
          isProven: true,
        },
        ...{ at: digits(factor * most), unit: 'rows', times: digits(factor) },
        why: `it takes ${digits(ms)} ms with ${most.toLocaleString('en')} rows, and grows with the power ${slope.value} of the rows; ${mostMs} ms are too long`,
        change:
          remedy === null
            ? 'narrow the filter, or keep the answer in a row of its own'
            : `the index ${remedy.index}: with it ${remedy.ms} ms`,
      } as const,
    ]
  })
}

function digits(value: number): number {
  return Number(value.toPrecision(3))
}
