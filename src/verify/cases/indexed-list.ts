/** A list that an index serves, and what PostgreSQL would do for it. */

import type { Entity } from '../../model/model.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'

/** A list as one table is asked for it. Fields are columns of the entity. */
export interface IndexedList {
  readonly entity: Entity
  /** Fields that are equal to a value. */
  readonly equal: readonly { readonly column: string; readonly value: PlainValue }[]
  /** A list field that has an item; null for none. */
  readonly having: { readonly column: string; readonly item: PlainValue } | null
  readonly order: readonly { readonly column: string; readonly descending: boolean }[]
}

/** What a plan does. */
export interface ListPlanFacts {
  /** The indexes that are read. */
  readonly indexes: readonly string[]
  /** The conditions that they are read by. */
  readonly conditions: string
  /** Whether rows are sorted, or a whole table is read. */
  readonly isSorted: boolean
  readonly isScanned: boolean
  /** Whether an index of all rows begins with the fields of the list, in its order. */
  readonly isIndexed: boolean
}
