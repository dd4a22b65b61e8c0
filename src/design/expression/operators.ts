/** Compiles logic, comparison and membership. */

import type { ASTNode, ASTOperator } from '@marcbachmann/cel-js'
import type { CompareOp, Predicate, ValueType } from '../../model/expression.ts'
import { SCALARS } from '../../model/scalar.ts'
import type { Target } from './constants.ts'
import { article, comparable, describe, ownType } from './constants.ts'
import type { ExpressionContext, ExpressionValue, Operand } from './context.ts'
import { countClause, FAILED, fail, predicateValue } from './context.ts'
import { constantTarget, toPredicate, toTerm, valueName } from './values.ts'

/** `!`, `&&` and `||`. Chains become one flat node. */
export function logicValue(context: ExpressionContext, node: Extract<ASTNode, { op: '&&' | '||' | '!_' }>): ExpressionValue {
  if (node.op === '!_') {
    const inner = toPredicate(context, node.args, context.lower(node.args, context))
    return inner === null ? FAILED : predicateValue({ kind: 'not', of: inner })
  }
  const parts = chain(node, node.op).map((part) => toPredicate(context, part, context.lower(part, context)))
  const of = parts.filter((part) => part !== null)
  if (of.length < parts.length) return FAILED
  return predicateValue({ kind: node.op === '&&' ? 'all' : 'any', of })
}

/** The operands of a chain of one operator. Not recursive, because a chain may be long. */
function chain(node: ASTNode, op: ASTOperator): readonly ASTNode[] {
  const parts: ASTNode[] = []
  let rest: ASTNode = node
  while (rest.op === op && (rest.op === '&&' || rest.op === '||')) {
    parts.push(rest.args[1])
    rest = rest.args[0]
  }
  parts.push(rest)
  return parts.reverse()
}

const COMPARE: Readonly<Record<string, CompareOp>> = { '==': '=', '!=': '!=', '<': '<', '<=': '<=', '>': '>', '>=': '>=' }

/** The six comparisons. `== null` and `!= null` test for a missing value; every other comparison with a missing value is unknown. */
export function compareValue(context: ExpressionContext, node: ASTNode, left: Operand, right: Operand): ExpressionValue {
  const op = COMPARE[node.op]
  if (op === undefined || left.value.kind === 'failed' || right.value.kind === 'failed') return FAILED
  countClause(context, node)
  if (left.value.kind === 'null') return missingValue(context, node, { op, of: right })
  if (right.value.kind === 'null') return missingValue(context, node, { op, of: left })
  const a = toTerm(context, left.node, left.value, constantTarget(right.value) ?? listTarget(left.value, right.value))
  const b = toTerm(context, right.node, right.value, constantTarget(left.value) ?? listTarget(right.value, left.value))
  if (a === null || b === null) return FAILED
  if (!comparable(a.type, b.type)) return fail(context, node, 'PLN-D303', mismatch(a.type, b.type), mismatchHint(a.type, b.type))
  if (op !== '=' && op !== '!=' && !(SCALARS[a.type.scalar].ordered && SCALARS[b.type.scalar].ordered)) {
    return fail(context, node, 'PLN-D303', `${describe(a.type)} has no order`)
  }
  return predicateValue({ kind: 'compare', op, left: a, right: b })
}

/** The common type of two numeric constants of different kinds, so that `1 == 1.5` compares numbers; null for other operands. */
function listTarget(value: ExpressionValue, other: ExpressionValue): Target | null {
  if (value.kind !== 'constant' || other.kind !== 'constant') return null
  const types = [ownType(value.value), ownType(other.value)]
  return types.every((type) => type.scalar === 'number' || type.scalar === 'integer') && types.some((type) => type.scalar === 'number')
    ? { type: { scalar: 'number', list: false }, choices: null }
    : null
}

function mismatch(a: ValueType, b: ValueType): string {
  if (a.list || b.list) return 'lists cannot be compared whole'
  if (a.scalar === 'json' || b.scalar === 'json') return 'a json value cannot be compared'
  return `${article(describe(a))} is compared with ${article(describe(b))}`
}

function mismatchHint(a: ValueType, b: ValueType): string | undefined {
  if (a.list || b.list) return 'use in, exists, all or size'
  if (a.scalar === 'json' || b.scalar === 'json') return 'only == null and != null work on it'
  return undefined
}

function missingValue(context: ExpressionContext, node: ASTNode, about: { readonly op: CompareOp; readonly of: Operand }): ExpressionValue {
  const { op, of } = about
  if (op !== '=' && op !== '!=')
    return fail(context, node, 'PLN-D303', 'null has no order', 'only == null and != null ask whether something is missing')
  if (of.value.kind === 'predicate')
    return fail(context, node, 'PLN-D303', 'a condition is compared with null', 'ask for null of the values in it')
  if (of.value.kind === 'auth') return fail(context, node, 'PLN-D303', 'auth is the caller, not a value', `write auth.id ${node.op} null`)
  if (of.value.kind === 'null' || of.value.kind === 'constant' || of.value.kind === 'list') {
    return fail(context, node, 'PLN-D303', 'a constant is never missing')
  }
  if (of.value.kind === 'rows') {
    const { relation } = of.value.set
    return fail(context, node, 'PLN-D303', `${relation} is many rows and never missing`, `write size(${relation}) == 0`)
  }
  const term = toTerm(context, of.node, of.value, null)
  if (term === null) return FAILED
  const missing: Predicate = { kind: 'missing', of: term }
  return predicateValue(op === '=' ? missing : { kind: 'not', of: missing })
}

/** `x in list`. */
export function memberOfList(context: ExpressionContext, node: ASTNode, left: Operand, among: Operand): ExpressionValue {
  const right = { node: among.node, value: listChoice(context, among) }
  if (left.value.kind === 'failed' || right.value.kind === 'failed') return FAILED
  countClause(context, node)
  if (right.value.kind === 'rows') {
    const { relation } = right.value.set
    return fail(context, node, 'PLN-D303', `${relation} is a list of rows`, `write ${relation}.exists(x, x.id == …)`)
  }
  if (right.value.kind !== 'list' && !(right.value.kind === 'term' && right.value.term.type.list)) {
    return fail(context, node, 'PLN-D303', `in needs a list, and this is ${valueName(right.value)}`)
  }
  const items = right.value.kind === 'list' ? right.value.items : []
  const leader = items.find((item) => constantTarget(item.value) !== null)
  const fromList = right.value.kind === 'term' ? itemTarget(right.value) : leader === undefined ? null : constantTarget(leader.value)
  const constant = items.find((item) => item.value.kind === 'constant')?.value
  const ofType =
    fromList ?? (left.value.kind === 'constant' && constant?.kind === 'constant' ? { type: ownType(constant.value), choices: null } : null)
  const of = toTerm(context, left.node, left.value, ofType)
  if (of === null) return FAILED
  const choices = left.value.kind === 'term' ? left.value.choices : null
  const list = toTerm(context, right.node, right.value, { type: of.type, choices })
  if (list === null) return FAILED
  const item: ValueType = { scalar: list.type.scalar, list: false }
  if (!comparable(of.type, item)) return fail(context, node, 'PLN-D303', mismatch(of.type, item), mismatchHint(of.type, item))
  return predicateValue({ kind: 'member', of, list })
}

/** A choice between two lists as one list. */
function listChoice(context: ExpressionContext, { node, value }: Operand): ExpressionValue {
  if (value.kind !== 'choice') return value
  const term = toTerm(context, node, value, null)
  return term === null ? FAILED : { kind: 'term', term, choices: null }
}

function itemTarget(value: Extract<ExpressionValue, { kind: 'term' }>): Target {
  return { type: { scalar: value.term.type.scalar, list: false }, choices: value.choices }
}
