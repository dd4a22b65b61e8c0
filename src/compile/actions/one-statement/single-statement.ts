/** The form of an action that is one statement. */

import type { Statement, Values } from '../../../base/sql/statement.ts'
import type { Stop } from '../parts/stops.ts'

/** The one statement of an action. A call returns its number, the number of its refusal or null, and the answer; or no row. */
export interface OneStatement {
  readonly statement: Statement
  /** Values that are the same in every call. */
  readonly constants: Values
  /** The slots that get new ids. */
  readonly made: readonly string[]
  /** The failures of the `require` steps, by the number of the refusal. */
  readonly refusals: readonly Stop[]
}
