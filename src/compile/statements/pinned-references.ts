/** Finds references that a filter fixes to one value for all rows of a page. */

import type { Predicate, Term } from '../../model/expression.ts'
import { conjuncts } from '../../model/tree.ts'
import type { Output } from './plan.ts'

/** Marks the references of the output that the filter sets equal to a value: all rows of the page then refer to the same row. */
export function pinReferences(output: Output, filter: Predicate): Output {
  const values = new Map(conjuncts(filter).flatMap(equality))
  if (values.size === 0) return output
  const includes = output.includes.map((include) => {
    const pinned = include.kind === 'to-one' ? values.get(include.field.name) : undefined
    return pinned === undefined || include.kind !== 'to-one' ? include : { ...include, pinned }
  })
  return { ...output, includes }
}

/** The field of the row itself that a condition sets equal to a parameter, with the parameter; empty for other conditions. */
function equality(p: Predicate): readonly (readonly [string, Term])[] {
  if (p.kind !== 'compare' || p.op !== '=') return []
  const [field, value] = p.left.kind === 'field' ? [p.left, p.right] : [p.right, p.left]
  const isOwn = field.kind === 'field' && field.row.binding === 'row' && field.row.hops.length === 0
  return isOwn && value.kind === 'param' && value.type.scalar === field.type.scalar ? [[field.field, value]] : []
}
