/** What one expression may use, and what compiling it gives. */

import type { ExpressionCode } from './catalogue.ts'
import type { Limits } from './limits.ts'
import type { Shape } from './shape.ts'

export interface ExpressionScope {
  readonly shape: Shape
  /** The entity whose row bare names are fields of; null where there is no row. */
  readonly entity: string | null
  /** Whether `input`, relations, `auth` and `now()` are at hand. */
  readonly input: boolean
  readonly relations: boolean
  readonly auth: boolean
  readonly clock: boolean
  /** A name for which this is false is treated exactly like one that does not exist: same message, same suggestions. */
  readonly visible?: (entity: string, name: string) => boolean
  /** Whether a misspelt name is answered with the nearest one; true when left out. */
  readonly suggestions?: boolean
  /** `DESIGN_LIMITS` when left out. */
  readonly limits?: Limits
}

/** One problem, with its place (line and column from 1, within the expression). */
export interface ExpressionProblem {
  readonly code: ExpressionCode
  readonly message: string
  readonly hint?: string
  readonly line: number
  readonly column: number
  /** The same in the words and at the place of the innermost named rule, when it lies within one. */
  readonly rule?: { readonly name: string; readonly message: string; readonly line: number; readonly column: number }
}

export type Compiled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly ExpressionProblem[] }
