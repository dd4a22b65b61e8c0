/** The shapes of answers after resolution. */

import type { AnswerTree } from './action.ts'

/** An answer about a row of an entity that has a name. */
export interface NamedShape {
  readonly name: string
  readonly entity: string
  readonly description: string | null
  /** Where the design declares it: keys and indexes. */
  readonly at: readonly (string | number)[]
  /** The binding of the row. It is no word of CEL, so no name of a design equals it. */
  readonly as: string
  readonly of: AnswerTree
}
