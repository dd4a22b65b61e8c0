/** Converts a part of an expression to what its place needs: a condition, or a value of a type. */

import type { ASTNode } from '@marcbachmann/cel-js'
import { unreachable } from '../../base/unreachable.ts'
import type { Predicate, Term, ValueType } from '../../model/expression.ts'
import type { Target } from './constants.ts'
import { answeredTerm, article, comparable, constantTerm, describe, isNumber, isText, listTerm, ownType } from './constants.ts'
import type { ExpressionContext, ExpressionValue } from './context.ts'
import { countClause, fail } from './context.ts'

/** The value as a condition; null, with a problem, when it is not a condition. */
export function toPredicate(context: ExpressionContext, node: ASTNode, value: ExpressionValue): Predicate | null {
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
    case 'choice': {
      const term = toTerm(context, node, value, { type: { scalar: 'boolean', list: false }, choices: null })
      if (term === null) return null
      if (term.type.scalar === 'boolean' && !term.type.list) return { kind: 'truth', of: term }
      break
    }
    case 'null':
    case 'list':
    case 'row':
    case 'rows':
    case 'auth':
    case 'input':
      break
    default:
      return unreachable(value)
  }
  fail(context, node, 'PLN-D312', `a condition is needed, and this is ${valueName(value)}`, hintForCondition(value))
  return null
}

function hintForCondition(value: ExpressionValue): string | undefined {
  if (value.kind === 'row') return 'write … != null, or compare it with another row'
  if (value.kind === 'rows') return `write ${value.set.relation}.exists(x, …)`
  return value.kind === 'auth' ? 'write auth.id != null' : undefined
}

/** The value as a term. Constants take the type of `target`. Null, with a problem, when it is not a value. */
export function toTerm(context: ExpressionContext, node: ASTNode, value: ExpressionValue, target: Target | null): Term | null {
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
      return (
        ('answered' in value && target !== null ? answeredTerm(value.value, target.type.scalar) : null) ??
        constantTerm(context, node, value.value, target ?? { type: ownType(value.value), choices: null })
      )
    case 'null':
      if (target !== null) return { kind: 'null', type: target.type }
      fail(context, node, 'PLN-D303', 'null is not a value', 'only == null and != null ask whether something is missing')
      return null
    case 'list':
      return toList(context, node, value.items, target)
    case 'choice':
      return toChoice(context, node, value, target)
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

function toList(
  context: ExpressionContext,
  node: ASTNode,
  items: Extract<ExpressionValue, { kind: 'list' }>['items'],
  target: Target | null,
): Term | null {
  const leader = items.find((item) => item.value.kind !== 'constant' && item.value.kind !== 'failed')
  const first = items[0]
  const item: Target | null =
    (target === null ? null : { type: { scalar: target.type.scalar, list: false }, choices: target.choices }) ??
    (leader === undefined ? null : constantTarget(leader.value)) ??
    (first?.value.kind === 'constant' ? { type: ownType(first.value.value), choices: null } : null)
  if (item === null) {
    fail(context, node, 'PLN-D303', 'the type of this list cannot be determined', 'put a value in it')
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

function toChoice(
  context: ExpressionContext,
  node: ASTNode,
  value: Extract<ExpressionValue, { kind: 'choice' }>,
  target: Target | null,
): Term | null {
  const wanted = target ?? constantTarget(value)
  const yes = toTerm(context, value.yes.node, value.yes.value, wanted)
  const no = toTerm(context, value.no.node, value.no.value, wanted)
  if (yes === null || no === null) return null
  const type = commonType(yes.type, no.type)
  if (type !== null) return { kind: 'if', type, test: value.test, yes, no }
  fail(context, node, 'PLN-D303', `the two branches of ? : are ${article(describe(yes.type))} and ${article(describe(no.type))}`)
  return null
}

/** The type that holds the values of both types without a cast; null when there is none. */
function commonType(a: ValueType, b: ValueType): ValueType | null {
  if (a.list !== b.list) return null
  if (a.scalar === b.scalar) return a
  if (a.list) return null
  if (isText(a.scalar) && isText(b.scalar)) return { scalar: 'text', list: false }
  if (!isNumber(a.scalar) || !isNumber(b.scalar)) return null
  return a.scalar === 'number' || b.scalar === 'number' ? { scalar: 'number', list: false } : { scalar: 'decimal', list: false }
}

/** The type that a constant beside this value takes; null when the value gives none. */
export function constantTarget(value: ExpressionValue): Target | null {
  switch (value.kind) {
    case 'term':
      return { type: value.term.type, choices: value.choices }
    case 'row':
      return { type: value.key.type, choices: null }
    case 'predicate':
      return { type: { scalar: 'boolean', list: false }, choices: null }
    case 'choice':
      return constantTarget(value.yes.value) ?? constantTarget(value.no.value)
    case 'constant':
    case 'null':
    case 'list':
    case 'rows':
    case 'auth':
    case 'input':
    case 'failed':
      return null
    default:
      return unreachable(value)
  }
}

/** What a value is, in the words of the design language. */
export function valueName(value: ExpressionValue): string {
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
    case 'choice':
      return 'a choice between two values'
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

/** The message, and a hint where there is one, for a function of rows or items that is used with another value. */
export function neitherRowsNorItems(name: string, value: ExpressionValue): readonly [message: string, hint?: string] {
  if (value.kind !== 'list') return [`${name} works on a relation or a list, and this is ${valueName(value)}`]
  const message = `${name} works on a relation, or on a list that is the value of a field or an input, and not on a list in brackets`
  return [message, 'write its values one by one, as in a + b or in a > 1 || b > 1']
}
