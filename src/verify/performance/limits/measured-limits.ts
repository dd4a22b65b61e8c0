/** What the search for limits rests on. */

import type { BreakingPoints, Ceiling, Cost, MeasuredGrowth, MeasuredInstances, ResourceLimit } from '../performance-report.ts'
import type { SeenWaits } from './watch-waits.ts'

/** An operation with its part of the load. */
export interface WeighedOperation {
  readonly id: string
  readonly what: string
  readonly kind: 'read' | 'write'
  readonly weight: number
  readonly ceiling: Ceiling
  readonly cost: Cost
  /** What sessions waited for at the ceiling. */
  readonly waits: SeenWaits
  /** Requests a second of one caller; null where this was not measured. */
  readonly alone: number | null
  /** The same request without an included relation; null for other operations. */
  readonly without: string | null
  /** The entity of the related rows; null without an included relation. */
  readonly relation: string | null
}

/** Everything that was measured. */
export interface MeasuredLimits {
  readonly expected: BreakingPoints['expected']
  readonly operations: readonly WeighedOperation[]
  readonly growth: MeasuredGrowth | null
  /** All operations together, by one process and by more. */
  readonly instances: MeasuredInstances
  /** The target of the design; null without one. */
  readonly targetMs: number | null
  /** Processors and memory of this machine. */
  readonly cores: number
  readonly memoryBytes: number
  /** The size of the database with its indexes, and the most connections of the server. */
  readonly databaseBytes: number
  readonly mostConnections: number
  /** Rows of each entity. */
  readonly rows: ReadonlyMap<string, number>
  /** What could not be judged. */
  readonly left: BreakingPoints['left']
}

/** A limit, and what is its cause if that is an included relation. */
export interface FoundLimit {
  readonly limit: ResourceLimit
  readonly cause: Pick<ResourceLimit, 'resource' | 'where' | 'why' | 'change'> | null
}

/**
 * Milliseconds of a request of all operations together: their mean by weight. Those of which it cannot be seen do not count; null if none
 * can.
 */
export function meanOf(
  operations: readonly WeighedOperation[],
  of: (operation: WeighedOperation) => number | null,
): { readonly mean: number; readonly most: { readonly operation: WeighedOperation; readonly part: number } } | null {
  const seen = operations.flatMap((operation) => {
    const ms = of(operation)
    return ms === null ? [] : [{ operation, ms }]
  })
  const weights = seen.reduce((sum, { operation }) => sum + operation.weight, 0)
  const parts = seen.map(({ operation, ms }) => ({ operation, part: (ms * operation.weight) / weights }))
  const mean = parts.reduce((sum, { part }) => sum + part, 0)
  const [most] = parts.toSorted((a, b) => b.part - a.part)
  if (most === undefined || !(mean > 0)) return null
  return { mean, most: { operation: most.operation, part: most.part / mean } }
}
