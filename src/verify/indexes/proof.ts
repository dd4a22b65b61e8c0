/** What a proof that indexes serve a design comes to, as data. */

import type { Callers } from './callers.ts'
import type { Growth, TableAccess } from './judge.ts'
import type { Refusal } from './operations.ts'

export interface IndexProof {
  /** Version of the PostgreSQL that made the plans. */
  readonly server: string
  /** What the planner was told, by entity. */
  readonly rows: readonly ExpectedRows[]
  /** Who was asked for, and who was not. */
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
  /** The index that mends it, tried out; null where there is none, or none is known. */
  readonly remedy: Remedy | null
  /**
   * Where no index is named: the rows that an "or" among the conditions is about, as no index serves one in an order, nor one about several
   * rows at all. Null where that is not why.
   */
  readonly either: readonly string[] | null
}

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

/** An index for the design, and what it was found to do. */
export interface Remedy {
  readonly entity: string
  /** As a design spells it: `['status', '-createdAt']`. */
  readonly fields: readonly string[]
  /** What the author has to do: to add it, and first to limit a field whose values it could otherwise refuse. */
  readonly advice: string
  readonly cost: number
  readonly growth: Growth
}
