/** Compiles `filter`, `map`, `sum`, `avg`, `min` and `max` over the rows of a relation. */

import { unreachable } from '../../base/unreachable.ts'
import { type AggregateName, ALWAYS, listType, scalarType, type Term, type ValueType } from '../../model/expression.ts'
import { both } from '../../model/predicate.ts'
import { SCALARS } from '../../model/scalar.ts'
import { article, describe, isNumber } from './constants.ts'
import type { ExpressionCall, ExpressionContext, ExpressionValue } from './context.ts'
import { FAILED, fail, termValue } from './context.ts'
import { quantified } from './quantifiers.ts'
import { toPredicate, toTerm } from './values.ts'

/** `rows.filter(x, …)`: the rows for which the condition is true. */
export function filterValue(context: ExpressionContext, call: ExpressionCall): ExpressionValue {
  const found = quantified(context, call, 'a condition')
  if (found === null) return FAILED
  const { over, as, body, inside } = found
  if (over.kind === 'term') return onRelation(context, call)
  const where = toPredicate(inside, body, context.lower(body, inside))
  if (where === null) return FAILED
  return { ...over, where: { as, where: over.where === null ? where : both(over.where.where, where) } }
}

const AGGREGATES: Readonly<Record<string, AggregateName>> = { sum: 'sum', avg: 'avg', min: 'min', max: 'max', map: 'list' }

/** `rows.sum(x, …)` and its like: one value made of a value of each row. */
export function aggregateValue(context: ExpressionContext, call: ExpressionCall): ExpressionValue {
  const name = AGGREGATES[call.name]
  const found = quantified(context, call, 'a value')
  if (found === null || name === undefined) return FAILED
  const { over, as, body, inside } = found
  if (over.kind === 'term') return onRelation(context, call)
  const value = context.lower(body, inside)
  const of = toTerm(inside, body, value, null)
  if (of === null) return FAILED
  const type = typeOf(name, of)
  if (type === null) return fail(context, body, 'PLN-D303', `${call.name} takes ${TAKES[name]}, and this is ${article(describe(of.type))}`)
  const term: Term = { kind: 'aggregate', type, name, over: over.set, as, where: over.where?.where ?? ALWAYS, of }
  return termValue(term, name !== 'sum' && name !== 'avg' && value.kind === 'term' ? value.choices : null)
}

const TAKES: Readonly<Record<AggregateName, string>> = {
  sum: 'a number or a duration of each row',
  avg: 'a number of each row',
  min: 'a value with an order',
  max: 'a value with an order',
  list: 'one value of each row',
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

function onRelation(context: ExpressionContext, call: ExpressionCall): ExpressionValue {
  return fail(context, call.node, 'PLN-D303', `${call.name} works on a relation, and this is a list`, 'write exists(…) or all(…)')
}
