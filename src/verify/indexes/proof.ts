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
  /** The kinds of caller that were examined, and those that were not. */
  readonly callers: AskedCallers
  readonly operations: readonly ProvedOperation[]
  readonly refused: readonly Refusal[]
  /** Entities for which there was no time. */
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
 * One statement and what PostgreSQL would do for it. Costs are in the planner's unit, everything in memory; ten thousand
 * are some tens of milliseconds.
 */
export interface ProvedOperation {
  readonly entity: string
  readonly operation: string
  readonly callers: readonly string[]
  readonly reads: readonly TableAccess[]
  /** At the target. */
  readonly cost: number
  /** With ten times the rows of the entity that it grows with most, or would; null where the cost is too small to ask. */
  readonly costTenfold: number | null
  readonly growth: Growth
  /** Entities whose rows it grows, or may grow, with. */
  readonly growsWith: readonly string[]
  /** Null for what is flat. */
  readonly reason: GrowthReason | null
  /** An index that was tried and helps; null where none is known. */
  readonly remedy: Remedy | null
  /**
   * Where no index helps because of an "or" among the conditions: the rows that it is about. No index serves an "or" in an order, or one
   * about several rows. Null otherwise.
   */
  readonly either: readonly string[] | null
}

/** Why the work of a statement grows with the table. */
export type GrowthReason =
  /** A count counts every row that matches. */
  | { readonly kind: 'counts' }
  /** Every row of the table is read. */
  | { readonly kind: 'scans'; readonly table: string; readonly condition: string | null }
  /** All that match are sorted. */
  | { readonly kind: 'sorts'; readonly table: string; readonly rows: number }
  /** Many rows are read through an index. */
  | { readonly kind: 'reads'; readonly table: string; readonly condition: string | null }
  /** Rows are read until a page is full of those that pass the condition. */
  | { readonly kind: 'passes'; readonly table: string; readonly condition: string | null }

/** An index for the design, and its measured effect. */
export interface Remedy {
  readonly entity: string
  /** As a design spells it: `['status', '-createdAt']`. */
  readonly fields: readonly string[]
  /** What the author has to do: to add it, and first to limit a field whose values it could otherwise refuse. */
  readonly advice: string
  readonly cost: number
  readonly growth: Growth
}
