/** Compiles `exists` and `all` over relations and lists, and `can`. */

import type { ASTNode } from '@marcbachmann/cel-js'
import type { Operation, Predicate } from '../../model/expression.ts'
import { both } from '../../model/predicate.ts'
import type { Binding, ExpressionCall, ExpressionContext, ExpressionValue } from './context.ts'
import { countClause, FAILED, fail, freshBinding, predicateValue } from './context.ts'
import { stepsTo } from './names.ts'
import { neitherRowsNorItems, toPredicate, valueName } from './values.ts'

/** The names of the functions that take a name and an expression about each row or item. */
export const OVER_EACH: readonly string[] = ['exists', 'all', 'filter', 'map', 'sum', 'avg', 'min', 'max']

/** The rows or items that a function is applied to, the name for each of them, and the expression that uses the name. */
export interface Quantified {
  readonly over: Extract<ExpressionValue, { kind: 'rows' | 'term' }>
  readonly as: string
  readonly body: ASTNode
  /** The place of the body, where the name is bound. */
  readonly inside: ExpressionContext
}

/** Reads `rows.exists(m, …)` and calls of the same form. Null, with a problem, if the call has another form. */
export function quantified(context: ExpressionContext, call: ExpressionCall, what: string): Quantified | null {
  const { node, name, receiver, args } = call
  const [variable, body] = args
  if (receiver === null || variable === undefined || body === undefined || args.length !== 2) {
    fail(context, node, 'PLN-D304', `${name} takes a name and ${what}`, `write relation.${name}(x, …)`)
    return null
  }
  if (variable.op !== 'id') {
    fail(context, variable, 'PLN-D304', `${name} takes a name first`, `write relation.${name}(x, …)`)
    return null
  }
  if (context.quantifiers >= context.limits.relations) {
    fail(context, node, 'PLN-D309', `more than ${context.limits.relations} exists or all inside of each other`)
    return null
  }
  const over = context.lower(receiver, context)
  countClause(context, node)
  if (over.kind === 'failed') return null
  const as = over.kind === 'rows' && over.where !== null ? over.where.as : freshBinding(context, variable.args)
  const binding = bindingOf(context, over, as)
  if (binding === null || (over.kind !== 'rows' && over.kind !== 'term')) {
    fail(context, receiver, 'PLN-D303', ...neitherRowsNorItems(name, over))
    return null
  }
  const bindings = new Map([...context.bindings, [variable.args, binding]])
  return { over, as, body, inside: { ...context, bindings, quantifiers: context.quantifiers + 1 } }
}

/** `rows.exists(m, …)`, `rows.all(m, …)` and the same over a list. */
export function quantifierValue(context: ExpressionContext, call: ExpressionCall): ExpressionValue {
  const found = quantified(context, call, 'a condition')
  if (found === null) return FAILED
  const { over, as, body, inside } = found
  const where = toPredicate(inside, body, context.lower(body, inside))
  if (where === null) return FAILED
  const every = call.name === 'all'
  if (over.kind === 'term') return predicateValue({ kind: every ? 'everyItem' : 'someItem', over: over.term, as, where })
  // a row for which the filter is unknown is left out
  const filter: Predicate | null = over.where === null ? null : { kind: 'holds', of: over.where.where }
  if (!every) return predicateValue({ kind: 'some', over: over.set, as, where: filter === null ? where : both(filter, where) })
  const left: Predicate = filter === null ? where : { kind: 'any', of: [{ kind: 'not', of: filter }, where] }
  return predicateValue({ kind: 'every', over: over.set, as, where: left })
}

function bindingOf(context: ExpressionContext, over: ExpressionValue, as: string): Binding | null {
  if (over.kind === 'rows') {
    const steps = stepsTo(context, over.set.of) + 1
    return { kind: 'row', path: { binding: as, root: over.set.entity, hops: [], entity: over.set.entity }, steps }
  }
  if (over.kind !== 'term' || !over.term.type.list) return null
  return { kind: 'item', name: as, type: { scalar: over.term.type.scalar, list: false }, choices: over.choices }
}

const OPERATIONS: readonly Operation[] = ['read', 'update', 'delete']

/** `can("read", post)`: the rule of the related entity, about the related row. */
export function canValue(context: ExpressionContext, call: ExpressionCall): ExpressionValue {
  const [operation, target] = call.args
  if (operation === undefined || target === undefined || call.args.length !== 2) {
    return fail(context, call.node, 'PLN-D304', 'can takes an operation and a related row', 'write can("read", author)')
  }
  countClause(context, call.node)
  const name = constantOf(operation)
  const known = OPERATIONS.find((each) => each === name)
  if (known === undefined) return fail(context, operation, 'PLN-D304', 'can takes "read", "update" or "delete" first')
  const row = context.lower(target, context)
  if (row.kind === 'failed') return FAILED
  if (row.kind !== 'row') return fail(context, target, 'PLN-D304', `can takes a related row second, and this is ${valueName(row)}`)
  if (!context.scope.relations)
    return fail(context, target, 'PLN-D308', 'only the row itself can be used here, not rows that it relates to')
  return predicateValue({ kind: 'can', operation: known, row: row.path })
}

function constantOf(node: ASTNode): unknown {
  return node.op === 'value' ? node.args : undefined
}
