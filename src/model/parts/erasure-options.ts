/** What a design says about erasures of persons. */

import type { Retention } from './retention.ts'

/** What happens to a row when the person that it is about is erased: it goes, loses its private values, loses the reference, or stays. */
export type RowErasure = 'delete' | 'empty' | 'unlink' | 'keep'

/** What an erasure does with a field. */
export interface FieldErasure {
  /** What stands in place of a private value after an erasure; absent for null. `{id}` in a text is a random UUID. */
  readonly erased?: unknown
  /** Of a reference: what happens to the row when the person that it is about is erased; absent for what `onDelete` says. */
  readonly erase?: RowErasure
}

/** What an erasure does with the row of a person, and how long rows are kept at all. */
export interface EntityErasure {
  /** Absent for `delete`. */
  readonly erase?: 'delete' | 'empty'
  /** Absent for rows that are kept until somebody deletes them. */
  readonly retention?: Retention
}
