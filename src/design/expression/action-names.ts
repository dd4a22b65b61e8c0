/** The names that an action gives: to its row, to results of steps, to elements of `each`, and to its input. */

import type { ASTNode } from '@marcbachmann/cel-js'
import { unreachable } from '../../base/unreachable.ts'
import type { NamedRows } from '../../model/expression.ts'
import { ALWAYS, scalarType } from '../../model/expression.ts'
import type { ExpressionContext, ExpressionValue } from './context.ts'
import { FAILED, fail, freshBinding, termValue } from './context.ts'
import type { NamedValue } from './scope.ts'

/** The value of a name; `row` makes the value of a row. */
export function namedValue(
  context: ExpressionContext,
  node: ASTNode,
  { name, named, row }: { readonly name: string; readonly named: NamedValue; readonly row: (path: RowOf) => ExpressionValue },
): ExpressionValue {
  switch (named.kind) {
    case 'row':
      return row(named.path)
    case 'rows':
      return { kind: 'rows', set: named.set, where: null }
    case 'item':
      return termValue({ kind: 'item', type: named.type, binding: named.binding }, named.choices)
    case 'value':
      return termValue(named.term, named.choices)
    case 'hidden':
      return fail(context, node, 'PLN-D313', `${name} is a password and may not be used`)
    case 'later':
      return fail(
        context,
        node,
        'PLN-D505',
        `${JSON.stringify(name)} is the name of a later step`,
        'move this step behind it: a step can use only the results of earlier steps',
      )
    case 'broken':
      return FAILED
    default:
      return unreachable(named)
  }
}

type RowOf = Extract<NamedValue, { kind: 'row' }>['path']

/** `articles.total`: the number of rows that a `list` would take without limit. */
export function totalValue(context: ExpressionContext, set: NamedRows): ExpressionValue {
  const over: NamedRows = { ...set, beyond: true }
  return termValue({ kind: 'count', type: scalarType('integer'), over, as: freshBinding(context, 'each'), where: ALWAYS })
}

/** Reports a name that is a field of the row and the name of a step, too. */
export function fieldAndStep(
  context: ExpressionContext,
  node: ASTNode,
  { name, entity }: { readonly name: string; readonly entity: string },
): ExpressionValue {
  return fail(
    context,
    node,
    'PLN-D503',
    `${JSON.stringify(name)} is a field of ${entity} and a name of the action, and could be either here`,
    'give the step another name',
  )
}

/** Where the name is a field: `row.total`, `cart.total`. */
export function ownersOf(context: ExpressionContext, name: string): readonly string[] {
  const { names = new Map(), inputs = new Map(), shape } = context.scope
  const owners = (named: ReadonlyMap<string, NamedValue>, prefix: string): readonly string[] =>
    [...named].flatMap(([owner, value]) =>
      value.kind === 'row' && shape.entities.get(value.path.entity)?.fields.has(name) === true ? [`${prefix}${owner}.${name}`] : [],
    )
  return [...(inputs.has(name) ? [`input.${name}`] : []), ...owners(names, ''), ...owners(inputs, 'input.')]
}
