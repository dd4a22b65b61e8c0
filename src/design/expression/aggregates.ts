/** Compiles `filter`, `map`, `sum`, `avg`, `min` and `max` over the rows of a relation and the items of a list. */

import type { ASTNode } from '@marcbachmann/cel-js'
import { unreachable } from '../../base/unreachable.ts'
import { type AggregateName, ALWAYS, listType, type Predicate, scalarType, type Term, type ValueType } from '../../model/expression.ts'
import { both } from '../../model/predicate.ts'
import { SCALARS } from '../../model/scalar.ts'
import { article, describe, isNumber } from './constants.ts'
import type { ExpressionCall, ExpressionContext, ExpressionValue } from './context.ts'
import { countClause, FAILED, fail, freshBinding, termValue } from './context.ts'
import { type Quantified, quantified } from './quantifiers.ts'
import { neitherRowsNorItems, toPredicate, toTerm } from './values.ts'

/** `rows.filter(x, …)`: the rows or items for which the condition is true. */
export function filterValue(context: ExpressionContext, call: ExpressionCall): ExpressionValue {
  const found = quantified(context, call, 'a condition')
  if (found === null) return FAILED
  const { over, as, body, inside } = found
  const where = toPredicate(inside, body, context.lower(body, inside))
  if (where === null) return FAILED
  if (over.kind === 'rows') return { ...over, where: { as, where: over.where === null ? where : both(over.where.where, where) } }
  const { term, choices } = over
  return termValue({ kind: 'aggregateItems', type: term.type, name: 'list', over: term, as, where, of: itemOf(term, as) }, choices)
}

const AGGREGATES: Readonly<Record<string, AggregateName>> = { sum: 'sum', avg: 'avg', min: 'min', max: 'max', map: 'list' }

/** `rows.sum(x, …)` and its like: one value made of a value of each row or item. For lists also `sum(list)` and `list.sum()`. */
export function aggregateValue(context: ExpressionContext, call: ExpressionCall): ExpressionValue {
  const name = AGGREGATES[call.name]
  if (name === undefined) return FAILED
  if (name !== 'list' && call.args.length === (call.receiver === null ? 1 : 0)) return ofWholeList(context, call, name)
  const found = quantified(context, call, 'a value')
  if (found === null) return FAILED
  const { over, as, body, inside } = found
  const value = context.lower(body, inside)
  const of = toTerm(inside, body, value, null)
  if (of === null) return FAILED
  const type = typeOf(name, of)
  if (type === null) return wrongType(context, body, { call, name, over, of })
  return termValue(made({ name, type, of, as, where: ALWAYS }, over), keepsChoices(name) && value.kind === 'term' ? value.choices : null)
}

/** `sum(list)`, `list.max()`: one value made of the items of a list. */
function ofWholeList(context: ExpressionContext, call: ExpressionCall, name: AggregateName): ExpressionValue {
  const node = call.receiver ?? call.args[0]
  if (node === undefined) return FAILED
  const over = context.lower(node, context)
  countClause(context, call.node)
  if (over.kind === 'failed') return FAILED
  if (over.kind === 'rows') {
    const { relation } = over.set
    return fail(context, node, 'PLN-D303', `${call.name} needs a value of each row of ${relation}`, `write ${relation}.${call.name}(x, …)`)
  }
  if (over.kind !== 'term' || !over.term.type.list) return fail(context, node, 'PLN-D303', ...neitherRowsNorItems(call.name, over))
  const as = freshBinding(context, 'each')
  const of = itemOf(over.term, as)
  const type = typeOf(name, of)
  if (type === null) return wrongType(context, node, { call, name, over, of })
  return termValue(made({ name, type, of, as, where: ALWAYS }, over), keepsChoices(name) ? over.choices : null)
}

interface Made {
  readonly name: AggregateName
  readonly type: ValueType
  readonly of: Term
  readonly as: string
  readonly where: Predicate
}

function made(parts: Made, over: Quantified['over']): Term {
  if (over.kind === 'term') return { kind: 'aggregateItems', over: over.term, ...parts }
  return { kind: 'aggregate', over: over.set, ...parts, where: over.where?.where ?? ALWAYS }
}

function itemOf({ type }: Term, binding: string): Term {
  return { kind: 'item', type: scalarType(type.scalar), binding }
}

function keepsChoices(name: AggregateName): boolean {
  return name !== 'sum' && name !== 'avg'
}

const TAKES: Readonly<Record<AggregateName, readonly [what: string, isOfEach: boolean]>> = {
  sum: ['a number or a duration', true],
  avg: ['a number', true],
  min: ['a value with an order', false],
  max: ['a value with an order', false],
  list: ['one value', true],
}

interface Refused {
  readonly call: ExpressionCall
  readonly name: AggregateName
  readonly over: Quantified['over']
  readonly of: Term
}

function wrongType(context: ExpressionContext, node: ASTNode, { call, name, over, of }: Refused): ExpressionValue {
  const [what, isOfEach] = TAKES[name]
  const takes = isOfEach ? `${what} of each ${over.kind === 'rows' ? 'row' : 'item'}` : what
  const hint = name === 'list' ? undefined : `write size(…) for the number of ${over.kind === 'rows' ? 'rows' : 'items'}`
  return fail(context, node, 'PLN-D303', `${call.name} takes ${takes}, and this is ${article(describe(of.type))}`, hint)
}

/** The type of the result; null for values that the function does not take. */
function typeOf(name: AggregateName, { type }: Term): ValueType | null {
  if (type.list) return null
  const { scalar } = type
  switch (name) {
    case 'sum':
      return isNumber(scalar) || scalar === 'duration' ? type : null
    case 'avg':
      if (!isNumber(scalar)) return null
      return scalarType(scalar === 'decimal' ? 'decimal' : 'number')
    case 'min':
    case 'max':
      return SCALARS[scalar].ordered && scalar !== 'boolean' && scalar !== 'uuid' ? type : null
    case 'list':
      return scalar === 'json' ? null : listType(scalar)
    default:
      return unreachable(name)
  }
}
