/** Logic, comparison and membership. */

import type { ASTNode, ASTOperator } from '@marcbachmann/cel-js'
import { unreachable } from '../../base/unreachable.ts'
import type { CompareOp, Predicate, Term, ValueType } from '../../model/expression.ts'
import { SCALARS } from '../../model/scalar.ts'
import type { Target } from './constants.ts'
import { article, comparable, constantTerm, describe, listTerm, ownType } from './constants.ts'
import type { Context, Value } from './context.ts'
import { countClause, FAILED, fail, predicateValue } from './context.ts'

/** A value where a condition is needed; null when it is none (the problem is written down). */
export function toPredicate(context: Context, node: ASTNode, value: Value): Predicate | null {
  switch (value.kind) {
    case 'failed':
      return null
    case 'predicate':
      return value.predicate
    case 'constant':
      if (typeof value.value === 'boolean') return { kind: 'const', value: value.value }
      break
    case 'term':
      if (value.term.type.scalar === 'boolean' && !value.term.type.list) {
        countClause(context, node)
        return { kind: 'truth', of: value.term }
      }
      break
    default:
  }
  fail(context, node, 'PLN-D312', `a condition is needed, and this is ${nameOf(value)}`, hintForCondition(value))
  return null
}

function hintForCondition(value: Value): string | undefined {
  if (value.kind === 'row') return 'write … != null, or compare it with another row'
  if (value.kind === 'rows') return `write ${value.set.relation}.exists(x, …)`
  return value.kind === 'auth' ? 'write auth.id != null' : undefined
}

/** A value where a term is needed. Constants take the type of `target`; null when it is no value (the problem is written down). */
export function toTerm(context: Context, node: ASTNode, value: Value, target: Target | null): Term | null {
  switch (value.kind) {
    case 'failed':
      return null
    case 'term':
      return value.term
    case 'row':
      return value.key
    case 'predicate':
      return { kind: 'predicate', type: { scalar: 'boolean', list: false }, of: value.predicate }
    case 'constant':
      return constantTerm(context, node, value.value, target ?? { type: ownType(value.value), choices: null })
    case 'null':
      if (target !== null) return { kind: 'null', type: target.type }
      fail(context, node, 'PLN-D303', 'null is not a value', 'only == null and != null ask whether something is missing')
      return null
    case 'list':
      return toList(context, node, value.items, target)
    case 'rows':
      fail(
        context,
        node,
        'PLN-D303',
        `${value.set.relation} is many rows, not one value`,
        `write ${value.set.relation}.exists(x, …) or size(${value.set.relation})`,
      )
      return null
    case 'auth':
      fail(context, node, 'PLN-D303', 'auth is the caller, not a value', 'write auth.id')
      return null
    case 'input':
      fail(context, node, 'PLN-D303', 'input is what is being written, not a value', 'write input and the name of a field')
      return null
    default:
      return unreachable(value)
  }
}

function toList(context: Context, node: ASTNode, items: Extract<Value, { kind: 'list' }>['items'], target: Target | null): Term | null {
  const leader = items.find((item) => item.value.kind !== 'constant' && item.value.kind !== 'failed')
  const first = items[0]
  const item: Target | null =
    (target === null ? null : { type: { scalar: target.type.scalar, list: false }, choices: target.choices }) ??
    (leader === undefined ? null : targetOf(leader.value)) ??
    (first?.value.kind === 'constant' ? { type: ownType(first.value.value), choices: null } : null)
  if (item === null) {
    fail(context, node, 'PLN-D303', 'the type of this list cannot be told', 'put a value in it')
    return null
  }
  const terms: Term[] = []
  for (const each of items) {
    if (each.value.kind === 'null') {
      fail(context, each.node, 'PLN-D303', 'null in a list equals nothing', 'add || … == null beside the list')
      return null
    }
    const term = toTerm(context, each.node, each.value, item)
    if (term === null) return null
    if (!comparable(term.type, item.type)) {
      fail(context, each.node, 'PLN-D303', `${article(describe(term.type))} in a list of ${describe(item.type)}`)
      return null
    }
    terms.push(term)
  }
  return listTerm(terms, item.type.scalar)
}

/** What constants beside a value must be; null for constants themselves. */
export function targetOf(value: Value): Target | null {
  switch (value.kind) {
    case 'term':
      return { type: value.term.type, choices: value.choices }
    case 'row':
      return { type: value.key.type, choices: null }
    case 'predicate':
      return { type: { scalar: 'boolean', list: false }, choices: null }
    default:
      return null
  }
}

/** `!`, `&&` and `||`. Chains become one flat node. */
export function logicValue(context: Context, node: Extract<ASTNode, { op: '&&' | '||' | '!_' }>): Value {
  if (node.op === '!_') {
    const inner = toPredicate(context, node.args, context.lower(node.args, context))
    return inner === null ? FAILED : predicateValue({ kind: 'not', of: inner })
  }
  const parts = chain(node, node.op).map((part) => toPredicate(context, part, context.lower(part, context)))
  const of = parts.filter((part) => part !== null)
  if (of.length < parts.length) return FAILED
  return predicateValue({ kind: node.op === '&&' ? 'all' : 'any', of })
}

/** The operands of a left-leaning chain of one operator, without recursion: a chain may be long. */
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

/** The six comparisons. `== null` and `!= null` ask whether something is missing; every other comparison with something missing is unknown. */
export function compareValue(context: Context, node: ASTNode, left: Operand, right: Operand): Value {
  const op = COMPARE[node.op]
  if (op === undefined || left.value.kind === 'failed' || right.value.kind === 'failed') return FAILED
  countClause(context, node)
  if (left.value.kind === 'null') return missingValue(context, node, { op, of: right })
  if (right.value.kind === 'null') return missingValue(context, node, { op, of: left })
  const a = toTerm(context, left.node, left.value, targetOf(right.value) ?? listTarget(left.value, right.value))
  const b = toTerm(context, right.node, right.value, targetOf(left.value) ?? listTarget(right.value, left.value))
  if (a === null || b === null) return FAILED
  if (!comparable(a.type, b.type)) return fail(context, node, 'PLN-D303', mismatch(a.type, b.type), mismatchHint(a.type, b.type))
  if (op !== '=' && op !== '!=' && !(SCALARS[a.type.scalar].ordered && SCALARS[b.type.scalar].ordered)) {
    return fail(context, node, 'PLN-D303', `${describe(a.type)} has no order`)
  }
  return predicateValue({ kind: 'compare', op, left: a, right: b })
}

export interface Operand {
  readonly node: ASTNode
  readonly value: Value
}

/** Two constants: a number beside a number takes its kind, so that `1 == 1.5` is a comparison of numbers. */
function listTarget(value: Value, other: Value): Target | null {
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

function missingValue(context: Context, node: ASTNode, about: { readonly op: CompareOp; readonly of: Operand }): Value {
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
export function memberOfList(context: Context, node: ASTNode, left: Operand, right: Operand): Value {
  if (left.value.kind === 'failed' || right.value.kind === 'failed') return FAILED
  countClause(context, node)
  if (right.value.kind === 'rows') {
    const { relation } = right.value.set
    return fail(context, node, 'PLN-D303', `${relation} is a list of rows`, `write ${relation}.exists(x, x.id == …)`)
  }
  if (right.value.kind !== 'list' && !(right.value.kind === 'term' && right.value.term.type.list)) {
    return fail(context, node, 'PLN-D303', `in needs a list, and this is ${nameOf(right.value)}`)
  }
  const items = right.value.kind === 'list' ? right.value.items : []
  const leader = items.find((item) => targetOf(item.value) !== null)
  const fromList = right.value.kind === 'term' ? itemTarget(right.value) : leader === undefined ? null : targetOf(leader.value)
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

function itemTarget(value: Extract<Value, { kind: 'term' }>): Target {
  return { type: { scalar: value.term.type.scalar, list: false }, choices: value.choices }
}

/** What a value is, in the words of the design language. */
export function nameOf(value: Value): string {
  switch (value.kind) {
    case 'predicate':
      return 'a condition'
    case 'term':
      return article(describe(value.term.type))
    case 'constant':
      return article(describe(ownType(value.value)))
    case 'null':
      return 'null'
    case 'list':
      return 'a list'
    case 'row':
      return `one ${value.path.entity}`
    case 'rows':
      return `many rows (${value.set.relation})`
    case 'auth':
      return 'the caller'
    case 'input':
      return 'what is being written'
    case 'failed':
      return 'nothing'
    default:
      return unreachable(value)
  }
}
