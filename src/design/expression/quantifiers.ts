/** Compiles `exists` and `all` over relations and lists, and `can`. */

import type { ASTNode } from '@marcbachmann/cel-js'
import type { Operation } from '../../model/expression.ts'
import type { Binding, ExpressionCall, ExpressionContext, ExpressionValue } from './context.ts'
import { countClause, FAILED, fail, predicateValue } from './context.ts'
import { stepsTo } from './names.ts'
import { toPredicate, valueName } from './values.ts'

/** A name for a binding that is unique in the expression: `m`, then `m_2`. */
export function freshBinding(context: ExpressionContext, wanted: string): string {
  const used = context.state.bindings
  let name = wanted
  for (let n = 2; used.has(name); n++) name = `${wanted}_${n}`
  used.add(name)
  return name
}

/** `rows.exists(m, …)`, `rows.all(m, …)` and the same over a list. */
export function quantifierValue(context: ExpressionContext, call: ExpressionCall): ExpressionValue {
  const { node, name, receiver, args } = call
  const [variable, body] = args
  if (receiver === null || variable === undefined || body === undefined || args.length !== 2) {
    return fail(context, node, 'PLN-D304', `${name} takes a name and a condition`, `write relation.${name}(x, …)`)
  }
  if (variable.op !== 'id') return fail(context, variable, 'PLN-D304', `${name} takes a name first`, `write relation.${name}(x, …)`)
  if (context.quantifiers >= context.limits.relations) {
    return fail(context, node, 'PLN-D309', `more than ${context.limits.relations} exists or all inside of each other`)
  }
  const over = context.lower(receiver, context)
  countClause(context, node)
  if (over.kind === 'failed') return FAILED
  const as = freshBinding(context, variable.args)
  const binding = bindingOf(context, over, as)
  if (binding === null) return fail(context, receiver, 'PLN-D303', `${name} works on a relation or a list, and this is ${valueName(over)}`)
  const inside: ExpressionContext = {
    ...context,
    bindings: new Map([...context.bindings, [variable.args, binding]]),
    quantifiers: context.quantifiers + 1,
  }
  const where = toPredicate(inside, body, context.lower(body, inside))
  if (where === null) return FAILED
  if (over.kind === 'rows') return predicateValue({ kind: name === 'all' ? 'every' : 'some', over: over.set, as, where })
  if (over.kind !== 'term') return FAILED
  return predicateValue({ kind: name === 'all' ? 'everyItem' : 'someItem', over: over.term, as, where })
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
