/**
 * Compiles expressions: the CEL library parses them, Plinth checks them against the design and translates them into its own tree. Pure; all
 * problems of an expression are found at once, each with its place. docs/decisions/0004 says why the library's own check is not used.
 */

import type { ASTNode } from '@marcbachmann/cel-js'
import type { Predicate, RowPath, RowSet, Term, ValueType } from '../../model/expression.ts'
import { MAX_INTEGER } from '../../model/scalar.ts'
import { article, comparable, describe, wholeOutOfRange } from './constants.ts'
import type { ExpressionContext, ExpressionValue } from './context.ts'
import { fail } from './context.ts'
import { DESIGN_LIMITS } from './limits.ts'
import { lower } from './lower.ts'
import type { CompiledExpression, ExpressionProblem, ExpressionScope } from './scope.ts'
import { parseSource } from './source.ts'
import { toPredicate, toTerm, valueName } from './values.ts'

/** Compiles a condition: an access rule, a check, a filter. Never throws. */
export function compilePredicate(source: string, scope: ExpressionScope): CompiledExpression<Predicate> {
  return compileWith(source, scope, toPredicate)
}

/** The type that a place takes; with `choices`, a constant must be one of them. */
export interface ExpectedType extends ValueType {
  readonly choices?: readonly string[] | null
}

/** Compiles a value: a default, a computed field. `expected` is the type that its place takes, null for any type. Never throws. */
export function compileTerm(source: string, scope: ExpressionScope, expected: ExpectedType | null): CompiledExpression<Term> {
  return compileWith(source, scope, (context, node, value) => {
    const target = expected === null ? null : { type: { scalar: expected.scalar, list: expected.list }, choices: expected.choices ?? null }
    const term = toTerm(context, node, value, target)
    if (term === null) return null
    if (expected !== null && !fits(term.type, expected)) {
      fail(context, node, 'PLN-D312', `${article(describe(expected))} is needed, and this is ${valueName(value)}`)
      return null
    }
    return expected === null || expected.scalar === 'integer' ? storable(context, node, term) : term
  })
}

/** The rows that an expression names, or the items of a list. */
export type CompiledElements =
  | { readonly kind: 'row'; readonly path: RowPath }
  | { readonly kind: 'rows'; readonly set: RowSet }
  | { readonly kind: 'items'; readonly of: Term; readonly choices: readonly string[] | null }

/** Compiles what a step or `each` is about: one row, rows, or a list. Never throws. */
export function compileElements(source: string, scope: ExpressionScope): CompiledExpression<CompiledElements> {
  return compileWith(source, scope, (context, node, value): CompiledElements | null => {
    if (value.kind === 'row') return { kind: 'row', path: value.path }
    if (value.kind === 'rows' && value.where === null) return { kind: 'rows', set: value.set }
    if (value.kind === 'term' && value.term.type.list) return { kind: 'items', of: value.term, choices: value.choices }
    if (value.kind === 'rows')
      fail(context, node, 'PLN-D312', 'filter() cannot be used here', 'write the condition under where, or under when')
    else if (value.kind !== 'failed') fail(context, node, 'PLN-D312', `a row or rows are needed, and this is ${valueName(value)}`)
    return null
  })
}

/** Reports an integer constant that no column can store. A calculation with the values of a row is checked when the row is written. */
function storable(context: ExpressionContext, node: ASTNode, term: Term): Term | null {
  const value = wholeOutOfRange(term)
  if (value === null) return term
  const shown = String(value).length > MOST_DIGITS_SHOWN ? `a number of ${String(value).replace('-', '').length} digits` : String(value)
  const said = `this comes to ${shown}, which is not a whole number between -${MAX_INTEGER} and ${MAX_INTEGER}`
  fail(context, node, 'PLN-D306', said, 'use smaller constants')
  return null
}

const MOST_DIGITS_SHOWN = 40

/** Whether a value of a type may be stored in a place of type `expected`: an integer as a decimal or double, otherwise comparable types. */
function fits(type: ValueType, expected: ValueType): boolean {
  if (type.list || expected.list) return type.list === expected.list && type.scalar === expected.scalar
  if (type.scalar === expected.scalar) return true
  // A text may be compared with the id of a row, but only an id can be stored as one.
  if (expected.scalar === 'integer' || expected.scalar === 'uuid') return false
  return comparable(type, expected)
}

function compileWith<T>(
  source: string,
  scope: ExpressionScope,
  finish: (context: ExpressionContext, node: ASTNode, value: ExpressionValue) => T | null,
): CompiledExpression<T> {
  const limits = scope.limits ?? DESIGN_LIMITS
  const parsed = parseSource(source, limits)
  if (!parsed.ok) return parsed
  const problems: ExpressionProblem[] = []
  const context: ExpressionContext = {
    scope,
    limits,
    state: { problems, bindings: new Set(['row', ...(scope.names?.keys() ?? [])]), clauses: 0, stopped: false },
    bindings: new Map(),
    quantifiers: 0,
    rules: [],
    ruleNode: null,
    lower,
  }
  const result = finish(context, parsed.value, lower(parsed.value, context))
  return result === null || problems.length > 0 ? { ok: false, problems } : { ok: true, value: result }
}
