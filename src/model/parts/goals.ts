/** What a design says about its backend besides what it does: its goals, and what is not there yet. */

import type { Requirement } from './requirement.ts'
import type { Scenario } from './scenario.ts'

/** What the backend is for. */
export interface Goals {
  readonly targets: Targets
  /** What was asked for, in the order of the design. */
  readonly requirements: readonly Requirement[]
  readonly scenarios: readonly Scenario[]
}

/** A part of the design that this version of Plinth does not act on yet. */
export interface Pending {
  readonly path: readonly (string | number)[]
  readonly feature: string
}

/** The performance goals of the design; `plan` uses the numbers of rows. Durations are in milliseconds, rates per second. */
export interface Targets {
  readonly rows: ReadonlyMap<string, number>
  readonly p99Ms: number | null
  readonly throughput: number | null
}
