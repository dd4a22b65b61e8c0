/** Questions about rules and conditions, and the conjunction of two. */

import { unreachable } from '../base/unreachable.ts'
import type { Operation, Predicate } from './expression.ts'
import type { Entity } from './model.ts'

/** A condition on values, with no predicate inside it except within its terms. */
export type LeafPredicate = Extract<Predicate, { kind: 'compare' | 'missing' | 'member' | 'truth' | 'text' }>

/** Whether a predicate is a condition on values. */
export function isLeaf(p: Predicate): p is LeafPredicate {
  return p.kind === 'compare' || p.kind === 'missing' || p.kind === 'member' || p.kind === 'truth' || p.kind === 'text'
}

/** Whether a rule is constantly false or unknown, so that it holds for no row. */
export function isNever(rule: Predicate): boolean {
  return rule.kind === 'const' && rule.value !== true
}

/** Whether a rule is constantly true, so that it holds for every row. */
export function isAlways(rule: Predicate): boolean {
  return rule.kind === 'const' && rule.value === true
}

/** The conjunction of two rules; a rule that is constantly true is left out. */
export function both(a: Predicate, b: Predicate): Predicate {
  if (isAlways(a)) return b
  return isAlways(b) ? a : { kind: 'all', of: [a, b] }
}

/** The rule of an entity for an operation; for an update, the one about the row before the write. */
export function ruleFor(entity: Entity, operation: Operation): Predicate {
  const { access } = entity
  switch (operation) {
    case 'read':
      return access.read
    case 'create':
      return access.create
    case 'update':
      return access.update.from
    case 'delete':
      return access.delete
    default:
      return unreachable(operation)
  }
}
