/** The input and the result of compiling one expression. */

import type { NamedRows, RowPath, Term, ValueType } from '../../model/expression.ts'
import type { ExpressionCode } from './catalogue.ts'
import type { Limits } from './limits.ts'
import type { Shape } from './shape.ts'

/** A value that a source names by a word: a text, or a number as its digits. */
export interface BoundValue {
  readonly kind: 'text' | 'number'
  readonly text: string
}

/** The values by their words, which have the form `ref0_1_`. */
export type BoundValues = ReadonlyMap<string, BoundValue>

/** A text with the bound values in place of their words, in one pass: a value that looks like a word is not replaced. */
export function withBound(text: string, bound: BoundValues): string {
  return bound.size === 0 ? text : text.replaceAll(/ref\d+_\d+_/g, (word) => bound.get(word)?.text ?? word)
}

/** The meaning of a name that an action gives: to a row, to rows, to an item of a list, or to a value of the input. */
export type NamedValue =
  | { readonly kind: 'row'; readonly path: RowPath }
  | { readonly kind: 'rows'; readonly set: NamedRows }
  | { readonly kind: 'item'; readonly binding: string; readonly type: ValueType; readonly choices: readonly string[] | null }
  | { readonly kind: 'value'; readonly term: Term; readonly choices: readonly string[] | null; readonly file?: true }
  /** A password, which may not be used in any expression. */
  | { readonly kind: 'hidden' }
  /** The result of a step further down. */
  | { readonly kind: 'later' }
  /** A name whose step or input has a finding. */
  | { readonly kind: 'broken' }

/** What an expression may use. */
export interface ExpressionScope {
  readonly shape: Shape
  /** The entity of the row; names without a dot are its fields. Null where there is no row. */
  readonly entity: string | null
  /** Whether `input`, relations, `auth`, and `now()` and `today()` may be used. */
  readonly input: boolean
  readonly relations: boolean
  readonly auth: boolean
  readonly clock: boolean
  /** Whether computed fields that are no columns may be used; true when left out. */
  readonly derived?: boolean
  /** Whether `uuid()` may be used; false when left out. It gives a new value at each call. */
  readonly fresh?: boolean
  /** The names of an action: `row`, results of steps, elements of `each`. */
  readonly names?: ReadonlyMap<string, NamedValue>
  /** What `input.` may name in an action; when left out, it names the fields of the entity. */
  readonly inputs?: ReadonlyMap<string, NamedValue>
  /** The binding of the row whose fields are the names without a dot; `row` when left out. */
  readonly binding?: string
  /** False for a hidden name. It is treated exactly like a name that does not exist: same message, same suggestions. */
  readonly visible?: (entity: string, name: string) => boolean
  /** Whether the message for an unknown name suggests the nearest one; true when left out. */
  readonly suggestions?: boolean
  /**
   * Values by the word that stands for each of them: as a name, the word is a constant; inside of a text constant, it is replaced. The
   * words occur nowhere else in the source.
   */
  readonly constants?: BoundValues
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
  /** The same problem as seen inside the innermost named rule, when it lies within one. */
  readonly rule?: { readonly name: string; readonly message: string; readonly line: number; readonly column: number }
}

/** What an expression is compiled into, or all of its problems. */
export type CompiledExpression<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly ExpressionProblem[] }
