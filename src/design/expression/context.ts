/** The state while one expression is compiled: where names are looked up, and where problems and sizes are collected. */

import type { ASTNode } from '@marcbachmann/cel-js'
import type { Predicate, RowPath, RowSet, Term, ValueType } from '../../model/expression.ts'
import type { ExpressionCode } from './catalogue.ts'
import type { Limits } from './limits.ts'
import type { ExpressionProblem, ExpressionScope } from './scope.ts'
import type { FieldShape } from './shape.ts'

/** A number with a point or an exponent, in its own spelling. The value beside it decides whether it becomes a decimal or a double. */
export interface RealConstant {
  readonly digits: string
}

/** The value of a constant. */
export type ConstantValue = string | bigint | boolean | RealConstant

/** A part of an expression after translation, before its place decides whether it must be a condition or a value. */
export type ExpressionValue =
  | { readonly kind: 'predicate'; readonly predicate: Predicate }
  | { readonly kind: 'term'; readonly term: Term; readonly choices: readonly string[] | null }
  /** A constant whose type depends on the value beside it: `"2024-01-31"` is a text or a date. */
  | { readonly kind: 'constant'; readonly value: ConstantValue }
  /** A text of an earlier answer. Beside a decimal, a timestamp or a duration, it is the value that answers write in this way. */
  | { readonly kind: 'constant'; readonly value: string; readonly answered: true }
  | { readonly kind: 'null' }
  | { readonly kind: 'list'; readonly items: readonly Operand[] }
  /** `test ? yes : no` between values. Constants in it take the type of the value that is compared with the choice. */
  | { readonly kind: 'choice'; readonly test: Predicate; readonly yes: Operand; readonly no: Operand }
  /** A row that a to-one path leads to. `key` is its id, which the row before it stores. */
  | { readonly kind: 'row'; readonly path: RowPath; readonly key: Term }
  /** Many rows; with `where`, those for which it is true. */
  | { readonly kind: 'rows'; readonly set: RowSet; readonly where: RowFilter | null }
  | { readonly kind: 'auth' }
  | { readonly kind: 'input' }
  /** A part whose problem has been reported. */
  | { readonly kind: 'failed' }

/** A condition on each of many rows, which `as` names. */
export interface RowFilter {
  readonly as: string
  readonly where: Predicate
}

/** A part of an expression with the place it came from. */
export interface Operand {
  readonly node: ASTNode
  readonly value: ExpressionValue
}

/** The meaning of `m` in `exists(m, …)`. */
export type Binding =
  | { readonly kind: 'row'; readonly path: RowPath; readonly steps: number }
  | { readonly kind: 'item'; readonly name: string; readonly type: ValueType; readonly choices: readonly string[] | null }

/** The mutable state of compiling one expression, shared by all of its contexts. */
interface ExpressionState {
  readonly problems: ExpressionProblem[]
  /** Names of bindings in use; they are unique in the result. */
  readonly bindings: Set<string>
  clauses: number
  /** Set when a size limit is exceeded; the rest is not compiled. */
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
  /** The named rules around this place, outermost first; problems inside them are reported at the use of the outermost rule. */
  readonly rules: readonly string[]
  readonly ruleNode: ASTNode | null
  readonly lower: (node: ASTNode, context: ExpressionContext) => ExpressionValue
}

/** One call, `f(a)` or `a.f(b)`; most functions treat both the same. */
export interface ExpressionCall {
  readonly node: ASTNode
  readonly name: string
  readonly receiver: ASTNode | null
  readonly args: readonly ASTNode[]
}

/** The value of a part with a problem. */
export const FAILED: ExpressionValue = { kind: 'failed' }

/** Reports a problem at a node. Returns `FAILED`. */
export function fail(context: ExpressionContext, node: ASTNode, code: ExpressionCode, message: string, hint?: string): ExpressionValue {
  const place = lineAndColumn(node.input, node.op === '.' ? node.pos : node.start)
  return failWith(context, { code, message, ...(hint === undefined ? {} : { hint }), ...place })
}

/** Reports a problem whose place is known: in the source of the innermost named rule, if there is one. Returns `FAILED`. */
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

/** Counts one condition of the result. Above the limit, compiling the expression stops. */
export function countClause(context: ExpressionContext, node: ASTNode): void {
  const { state, limits } = context
  state.clauses++
  if (state.clauses > limits.clauses && !state.stopped) {
    state.stopped = true
    fail(context, node, 'PLN-D309', `more than ${limits.clauses} conditions`)
  }
}

/** A name for a binding that is unique in the expression: `m`, then `m_2`. */
export function freshBinding(context: ExpressionContext, wanted: string): string {
  const used = context.state.bindings
  let name = wanted
  for (let n = 2; used.has(name); n++) name = `${wanted}_${n}`
  used.add(name)
  return name
}

/** A predicate as a value of the expression. */
export function predicateValue(predicate: Predicate): ExpressionValue {
  return { kind: 'predicate', predicate }
}

/** A term as a value of the expression; with `choices` for a field of type choice. */
export function termValue(term: Term, choices: readonly string[] | null = null): ExpressionValue {
  return { kind: 'term', term, choices }
}

/** Whether the caller may use the name. A hidden name is treated exactly like a name that does not exist. */
export function isVisible(context: ExpressionContext, entity: string, name: string): boolean {
  return context.scope.visible?.(entity, name) ?? true
}

/** The shape of a field that exists and is visible. In requests, a password counts as a field that does not exist. */
export function visibleField(context: ExpressionContext, entity: string, name: string): FieldShape | undefined {
  const field = context.scope.shape.entities.get(entity)?.fields.get(name)
  if (field === undefined || !isVisible(context, entity, name)) return undefined
  return field.kind === 'hidden' && context.scope.visible !== undefined ? undefined : field
}
