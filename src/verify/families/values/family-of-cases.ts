/** The form of claims about values whose cases the reference answers. */

import type { Case } from '../../cases/case.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeCase } from '../../cases/probe.ts'
import type { RefusalClaim } from './refused-values.ts'

/** What a claim says, and what none of its cases shows. */
export interface ClaimOfCases extends RefusalClaim {
  readonly untested: readonly string[]
}

/** The claim with its cases; none without cases. */
export function familyOfCases(
  { untested, ...of }: ClaimOfCases,
  cases: readonly Case[],
  probes: readonly ProbeCase[] = [],
): readonly PlannedFamily[] {
  if (cases.length + probes.length === 0) return []
  const asked = [...new Set([...cases, ...probes].flatMap(({ goals }) => goals))]
  return [{ plan: { ...of, path: ['entities'], what: 'values', asked, impossible: [], untested }, cases, probes }]
}
