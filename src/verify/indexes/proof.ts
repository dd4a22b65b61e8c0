/** The result of a proof that indexes serve a design, as data. */

import type { Callers } from './callers.ts'
import type { Growth, TableAccess } from './judge.ts'
import type { Refusal } from './operations.ts'

/** The result of a proof. */
export interface IndexProof {
  /** Version of the PostgreSQL that made the plans. */
  readonly server: string
  /** The numbers of rows that the planner worked with, by entity. */
  readonly rows: readonly ExpectedRows[]
  /** The examined kinds of caller, and the kinds that were left out. */
  readonly callers: AskedCallers
  readonly operations: readonly ProvedOperation[]
  readonly refused: readonly Refusal[]
  /** Entities that were not examined, for lack of time. */
  readonly left: readonly string[]
}

/** `asked` has the label of every kind of caller that operations name. */
export interface AskedCallers extends Omit<Callers, 'kinds'> {
  readonly asked: readonly string[]
}

/** The number of rows of an entity that the planner worked with. */
export interface ExpectedRows {
  readonly entity: string
  readonly rows: number
  /** `assumed` where the design has no target. */
  readonly from: 'targets' | 'assumed'
}

/**
 * One statement, and how PostgreSQL would execute it. Costs are in the planner's unit, with all data in memory; 10,000 units are tens of
 * milliseconds.
 */
export interface ProvedOperation {
  readonly entity: string
  readonly operation: string
  readonly callers: readonly string[]
  readonly reads: readonly TableAccess[]
  /** The cost at the target. */
  readonly cost: number
  /** The cost with ten times the rows of the entity that affects it most; null where the cost at the target is too small to test growth. */
  readonly costTenfold: number | null
  readonly growth: Growth
  /** Entities whose number of rows raises, or may raise, the cost. */
  readonly growsWith: readonly string[]
  /** Null for a flat statement. */
  readonly reason: GrowthReason | null
  /** An index that was tried and helps; null where none is known. */
  readonly remedy: Remedy | null
  /**
   * The rows that an "or" in the conditions is about, if the "or" is why no index helps: no index serves an "or" together with an order, or
   * an "or" about several rows. Null otherwise.
   */
  readonly either: readonly string[] | null
}

/** Why the work of a statement grows with the table. */
export type GrowthReason =
  /** A count counts every row that matches. */
  | { readonly kind: 'counts' }
  /** Every row of the table is read. */
  | { readonly kind: 'scans'; readonly table: string; readonly condition: string | null }
  /** All matching rows are sorted. */
  | { readonly kind: 'sorts'; readonly table: string; readonly rows: number }
  /** Many rows are read through an index. */
  | { readonly kind: 'reads'; readonly table: string; readonly condition: string | null }
  /** Rows are read until enough of them satisfy the condition to fill a page. */
  | { readonly kind: 'passes'; readonly table: string; readonly condition: string | null }

/** An index for the design, and its measured effect. */
export interface Remedy {
  readonly entity: string
  /** As a design spells it: `['status', '-createdAt']`. */
  readonly fields: readonly string[]
  /** What the author has to do: add the index, and before that limit a field whose values may be too long for an index. */
  readonly advice: string
  readonly cost: number
  readonly growth: Growth
}
