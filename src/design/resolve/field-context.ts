/** What resolving the fields of an entity needs. */

import type { Term } from '../../model/expression.ts'
import type { Expressions } from '../outline/expressions.ts'
import type { Outline } from '../outline/outline.ts'

/** The values that resolving a field needs. */
export interface FieldContext extends Expressions {
  readonly outline: Outline
  /** Computed fields that could be compiled, by entity and name. */
  readonly computed: ReadonlyMap<string, ReadonlyMap<string, Term>>
}
