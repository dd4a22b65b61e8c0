/** What resolving the fields of an entity needs. */

import type { Term } from '../../model/expression.ts'
import type { WorkflowDesign } from '../authoring/logic-design.ts'
import type { Expressions } from '../outline/expressions.ts'
import type { Outline } from '../outline/outline.ts'

/** The values that resolving a field needs. */
export interface FieldContext extends Expressions {
  readonly outline: Outline
  /** The first segment of the addresses of rows; null if there are none. */
  readonly rest: string | null
  /** Workflows by the field whose state they change: `Order.status`. */
  readonly moved: ReadonlyMap<string, WorkflowDesign>
  /** Computed fields that could be compiled, by entity and name. */
  readonly computed: ReadonlyMap<string, ReadonlyMap<string, Term>>
}
