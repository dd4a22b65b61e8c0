/** Workflows after resolution. Their transitions are actions. */

import type { Predicate } from './expression.ts'

/** A state field whose value only transitions change. */
export interface Workflow {
  readonly name: string
  readonly entity: string
  readonly field: string
  /** The state of a new row. */
  readonly initial: string
  /** The names of its transitions, which are actions of the entity. */
  readonly transitions: readonly string[]
}

/** A transition of a workflow. It is refused unless the row is in a state of `from` and `guard` holds. */
export interface Transition {
  readonly workflow: string
  readonly field: string
  readonly from: readonly string[]
  readonly to: string
  /** A condition on the row; its failure is 409. Null without one. */
  readonly guard: Predicate | null
  readonly guardSource: string | null
}
