/** Workflows after resolution. Their transitions are actions. */

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
