/** What the search for limits rests on. */

import type { BreakingPoints, Ceiling, Cost, MeasuredGrowth } from '../performance-report.ts'
import type { SeenWaits } from './watch-waits.ts'

/** An operation with its part of the load. */
export interface WeighedOperation {
  readonly id: string
  readonly what: string
  readonly weight: number
  readonly ceiling: Ceiling
  readonly cost: Cost
  /** What sessions waited for at the ceiling. */
  readonly waits: SeenWaits
  /** Requests a second of one caller; null where this was not measured. */
  readonly alone: number | null
  /** The same request without an included relation; null for other operations. */
  readonly without: string | null
}

/** Everything that was measured. */
export interface MeasuredLimits {
  readonly expected: BreakingPoints['expected']
  readonly operations: readonly WeighedOperation[]
  readonly growth: MeasuredGrowth | null
  /** The target of the design; null without one. */
  readonly targetMs: number | null
  /** Processors and memory of this machine. */
  readonly cores: number
  readonly memoryBytes: number
  /** The size of the database with its indexes, and the most connections of the server. */
  readonly databaseBytes: number
  readonly mostConnections: number
  /** What could not be judged. */
  readonly left: BreakingPoints['left']
}

/** Milliseconds of a request of the mix: the mean of its operations by weight. Null where one cannot be seen. */
export function meanOf(
  operations: readonly WeighedOperation[],
  of: (operation: WeighedOperation) => number | null,
): { readonly mean: number; readonly most: { readonly operation: WeighedOperation; readonly part: number } } | null {
  const weights = operations.reduce((sum, { weight }) => sum + weight, 0)
  const parts = operations.map((operation) => ({ operation, part: ((of(operation) ?? Number.NaN) * operation.weight) / weights }))
  const mean = parts.reduce((sum, { part }) => sum + part, 0)
  const [most] = parts.toSorted((a, b) => b.part - a.part)
  if (most === undefined || !(mean > 0)) return null
  return { mean, most: { operation: most.operation, part: most.part / mean } }
}
