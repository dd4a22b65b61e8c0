/** Everything that a run measures: performance, and the comparison with another build. */

import { isBuildsName, leftOutBy, type MeasuredPerformance } from '../parts/measured-performance.ts'
import { compareWithBuild } from './compare-with-build.ts'
import { type MeasuringPerformance, measurePerformance } from './measure-performance.ts'
import type { OtherBuild } from './other-build.ts'

const WITHOUT = {
  what: 'performance against another build',
  count: null,
  why: 'left out without --against-build',
  kind: 'excluded',
} as const

/** Measures what was asked. @param other null for no comparison. @throws UsageError for numbers that are none. */
export async function measureLoads(measuring: MeasuringPerformance, other: OtherBuild | null): Promise<MeasuredPerformance> {
  const { only, mode, model } = measuring
  if (other !== null && isBuildsName(only)) return compareWithBuild(measuring, other)
  const measured = await measurePerformance(measuring)
  const mayCompare = leftOutBy(mode, only) === null && (only === undefined || only === 'performance')
  if (other === null || !mayCompare || model.served.rest === null)
    return mayCompare ? { ...measured, notTested: [...measured.notTested, WITHOUT] } : measured
  const { builds, claims, notTested } = await compareWithBuild(measuring, other)
  return { ...measured, builds, claims: [...measured.claims, ...claims], notTested: [...measured.notTested, ...notTested] }
}
