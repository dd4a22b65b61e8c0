/**
 * How a statement stops its action: it reads a setting that no session has. PostgreSQL then raises SQLSTATE 42704, and the message has the
 * name of the setting in every language. The transaction ends, and PostgreSQL skips the statements that were sent after this one.
 */

import { literal, type Sql, sql } from '../../../base/sql/sql.ts'
import { STOP_SETTING } from '../../../base/sql/statement.ts'
import type { ActionFailure } from '../../../model/action.ts'
import type { Operation } from '../../../model/expression.ts'

/** Why an action stopped. */
export type Stop =
  /** A reference of the input leads to no row. */
  | { readonly kind: 'reference'; readonly input: string }
  /** The row of the action does not exist, or the caller may not read it. */
  | { readonly kind: 'no-row'; readonly entity: string }
  /** `allow` refuses the caller. */
  | { readonly kind: 'not-allowed' }
  /** If-Match names another version. */
  | { readonly kind: 'stale'; readonly entity: string }
  /** The row is in a state from which the transition does not start; the detail is the state. */
  | { readonly kind: 'illegal'; readonly entity: string; readonly transition: string }
  /** A guard, or a `require` without an `else`. */
  | { readonly kind: 'requirement'; readonly source: string }
  /** The `else` of a step. */
  | { readonly kind: 'declared'; readonly failure: ActionFailure }
  /** A `find` without a row. */
  | { readonly kind: 'none'; readonly entity: string }
  /** The access rules refuse a step. */
  | { readonly kind: 'forbidden'; readonly operation: Operation; readonly entity: string }
  /** A row has become its own ancestor by an acyclic reference. */
  | { readonly kind: 'circular'; readonly entity: string; readonly field: string }
  /** A row breaks a check over relations. */
  | { readonly kind: 'check'; readonly message: string }
  /** A step has more elements or rows than an action may have. `what` names them: `rows of lines`. */
  | { readonly kind: 'too-many'; readonly what: string; readonly most: number }
  /** The input of a job has too many bytes. */
  | { readonly kind: 'job-input'; readonly job: string }

/** Collects the stops of an action; the number of a stop is its place in the list. */
export class Stops {
  readonly #all: Stop[] = []

  /** An expression of type text that stops the action. The failure shows `detail`, which has only letters, digits and `_`. */
  at(stop: Stop, detail?: Sql): Sql {
    this.#all.push(stop)
    const name = literal(`${STOP_SETTING}${this.#all.length - 1}`)
    return detail === undefined ? sql`current_setting(${name})` : sql`current_setting(${name} || '__' || coalesce(${detail}, ''))`
  }

  get all(): readonly Stop[] {
    return this.#all
  }
}
