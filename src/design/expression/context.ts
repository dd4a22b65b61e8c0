/** The state of compiling one expression: where names are looked up, and where problems and sizes are written down. */

import type { ASTNode } from '@marcbachmann/cel-js'
import type { Predicate, RowPath, RowSet, Term, ValueType } from '../../model/expression.ts'
import type { ExpressionCode } from './catalogue.ts'
import type { Limits } from './limits.ts'
import type { ExpressionProblem, ExpressionScope } from './scope.ts'
import type { FieldShape } from './shape.ts'

/** What a part of an expression turned out to be, before its place decides whether it must be a condition or a value. */
export type ExpressionValue =
  | { readonly kind: 'predicate'; readonly predicate: Predicate }
  | { readonly kind: 'term'; readonly term: Term; readonly choices: readonly string[] | null }
  /** A constant whose type its neighbour decides: `"2024-01-31"` is a text or a date. */
  | { readonly kind: 'constant'; readonly value: string | number | bigint | boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'list'; readonly items: readonly Operand[] }
  /** `test ? yes : no` between values; constants in it take the type of what it stands beside, as they do alone. */
  | { readonly kind: 'choice'; readonly test: Predicate; readonly yes: Operand; readonly no: Operand }
  /** A row reached by a to-one path; `key` is the value of its id that the row before holds. */
  | { readonly kind: 'row'; readonly path: RowPath; readonly key: Term }
  | { readonly kind: 'rows'; readonly set: RowSet }
  | { readonly kind: 'auth' }
  | { readonly kind: 'input' }
  /** Its problem has been written down already. */
  | { readonly kind: 'failed' }

/** A part of an expression with the place it came from. */
export interface Operand {
  readonly node: ASTNode
  readonly value: ExpressionValue
}

/** What `exists(m, …)` makes `m` mean. */
export type Binding =
  | { readonly kind: 'row'; readonly path: RowPath; readonly steps: number }
  | { readonly kind: 'item'; readonly name: string; readonly type: ValueType; readonly choices: readonly string[] | null }

/** Grows while one expression is compiled; every context of the expression shares it. */
interface ExpressionState {
  readonly problems: ExpressionProblem[]
  /** Names of bindings in use; they are unique in the result. */
  readonly bindings: Set<string>
  clauses: number
  /** Set when a size limit is passed: the rest is not looked at. */
  stopped: boolean
}

/** One place in an expression. */
export interface ExpressionContext {
  readonly scope: ExpressionScope
  readonly limits: Limits
  readonly state: ExpressionState
  readonly bindings: ReadonlyMap<string, Binding>
  /** How many `exists` and `all` are around this place. */
  readonly quantifiers: number
  /** The named rules around this place, outermost first; problems inside one are reported where the author used the outermost. */
  readonly rules: readonly string[]
  readonly ruleNode: ASTNode | null
  readonly lower: (node: ASTNode, context: ExpressionContext) => ExpressionValue
}

/** One call, `f(a)` or `a.f(b)`: the same to most functions. */
export interface ExpressionCall {
  readonly node: ASTNode
  readonly name: string
  readonly receiver: ASTNode | null
  readonly args: readonly ASTNode[]
}

export const FAILED: ExpressionValue = { kind: 'failed' }

/** Writes a problem down and returns the value that stands for it. */
export function fail(context: ExpressionContext, node: ASTNode, code: ExpressionCode, message: string, hint?: string): ExpressionValue {
  const place = lineAndColumn(node.input, node.op === '.' ? node.pos : node.start)
  return failWith(context, { code, message, ...(hint === undefined ? {} : { hint }), ...place })
}

/** Writes a problem down whose place is known: in the source of the innermost named rule, where there is one. */
export function failWith(context: ExpressionContext, problem: ExpressionProblem): ExpressionValue {
  const { rules, ruleNode, state } = context
  const name = rules.at(-1)
  if (name === undefined || ruleNode === null) state.problems.push(problem)
  else {
    const { message, line, column } = problem
    const text = `in the rule ${JSON.stringify(rules[0])}: ${message}`
    state.problems.push({
      ...problem,
      message: text,
      ...lineAndColumn(ruleNode.input, ruleNode.start),
      rule: { name, message, line, column },
    })
  }
  return FAILED
}

/** Line and column, both from 1, of an offset in a source. */
export function lineAndColumn(source: string, offset: number): { readonly line: number; readonly column: number } {
  const before = source.slice(0, offset)
  const line = before.split('\n').length
  return { line, column: offset - before.lastIndexOf('\n') }
}

/** Counts one condition of the result; past the limit the whole expression is given up. */
export function countClause(context: ExpressionContext, node: ASTNode): void {
  const { state, limits } = context
  state.clauses++
  if (state.clauses > limits.clauses && !state.stopped) {
    state.stopped = true
    fail(context, node, 'PLN-D309', `more than ${limits.clauses} conditions`)
  }
}

/** A predicate as a value of the expression. */
export function predicateValue(predicate: Predicate): ExpressionValue {
  return { kind: 'predicate', predicate }
}

/** A term as a value of the expression, of no particular choices. */
export function termValue(term: Term, choices: readonly string[] | null = null): ExpressionValue {
  return { kind: 'term', term, choices }
}

/** Whether the caller of this compilation may name it; what it may not is nowhere told from what does not exist. */
export function isVisible(context: ExpressionContext, entity: string, name: string): boolean {
  return context.scope.visible?.(entity, name) ?? true
}

/** A field's shape when the field exists and may be named; a password counts as absent where names are hidden from the author. */
export function visibleField(context: ExpressionContext, entity: string, name: string): FieldShape | undefined {
  const field = context.scope.shape.entities.get(entity)?.fields.get(name)
  if (field === undefined || !isVisible(context, entity, name)) return undefined
  return field.kind === 'hidden' && context.scope.visible !== undefined ? undefined : field
}
