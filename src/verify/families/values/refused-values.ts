/** The form of claims about values that every door refuses, and of their probes. */

import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeCase } from '../../cases/probe.ts'
import { askRefused, type Refusable } from './ask-refused.ts'
import type { ValueDoor } from './value-doors.ts'

/** What a claim says, and what it is held against. */
export interface RefusalClaim {
  readonly id: string
  readonly claim: string
  readonly oracle: string
  readonly text: string
}

/** The claim with its probes; none without probes. */
export function refusalFamily(of: RefusalClaim, probes: readonly ProbeCase[]): readonly PlannedFamily[] {
  if (probes.length === 0) return []
  const asked = [...new Set(probes.flatMap(({ goals }) => goals))]
  return [{ plan: { ...of, path: ['entities'], what: 'values', asked, impossible: [], untested: [] }, cases: [], probes }]
}

/** A field at a door, and what is sent there. */
export interface RefusedAtDoor {
  readonly entity: string
  readonly field: string
  readonly door: ValueDoor
  readonly why: string
  readonly requests: readonly Refusable[]
}

/** The probe of a field and a door; null where nothing is sent. */
export function refusalProbe(claim: string, { entity, field, door, why, requests }: RefusedAtDoor): ProbeCase | null {
  if (requests.length === 0) return null
  const goal = `${entity}.${field}/${door.name}`
  return {
    ...{ name: `${claim}/${goal}`, claim, door: door.name, user: door.user, goals: [goal], atoms: {} },
    ask: (tools) => askRefused(tools, { door, field, why, requests }),
  }
}
