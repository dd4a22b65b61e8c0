/**
 * What requests can do with the rows of an entity. A defect of what they cannot do changes no answer, so it is not planted; and no case
 * looks at what only steps of actions write.
 */

import { longestAccepted } from '../../../base/pattern/pattern-length.ts'
import type { Predicate } from '../../../model/expression.ts'
import type { FieldType } from '../../../model/field-type.ts'
import type { Entity, Field, Model } from '../../../model/model.ts'
import { isAlways, isNever } from '../../../model/predicate.ts'

/** Whether somebody may create rows. */
export function isCreated({ access }: Pick<Entity, 'access'>): boolean {
  return !isNever(access.create)
}

/** Whether somebody may change rows. */
export function isChanged({ access }: Pick<Entity, 'access'>): boolean {
  return !isNever(access.update.from)
}

/** Whether somebody may delete rows. */
export function isDeleted({ access }: Pick<Entity, 'access'>): boolean {
  return !isNever(access.delete)
}

/** Whether a request about one row of an entity does something: a change, a delete, or an action on it. */
export function isActedOn(entity: Entity, { actions }: Model): boolean {
  return isChanged(entity) || isDeleted(entity) || actions.some((action) => action.entity === entity.name && !isNever(action.allow))
}

/** Whether the body of some create or change may hold a field. */
export function isHeld(entity: Entity, { write, immutable }: Field): boolean {
  return !isNever(write) && (isCreated(entity) || (!immutable && isChanged(entity)))
}

/** Whether a caller reads at most one row: that of which a unique reference is the caller. Its lists have no order and no second page. */
export function hasOneRowEach({ access, uniques }: Entity): boolean {
  const alone = uniques.filter(({ fields }) => fields.length === 1).map(({ fields }) => fields[0])
  return alone.some((field) => field !== undefined && isOfCaller(access.read, field))
}

/** Whether a rule holds only where a field of the row is the caller. */
function isOfCaller(rule: Predicate, field: string): boolean {
  if (rule.kind === 'all') return rule.of.some((one) => isOfCaller(one, field))
  if (rule.kind !== 'compare' || rule.op !== '=') return false
  const sides = [rule.left, rule.right]
  const isField = sides.some(
    (side) => side.kind === 'field' && side.field === field && side.row.binding === 'row' && side.row.hops.length === 0,
  )
  return isField && sides.some((side) => side.kind === 'auth' && side.claim === 'id')
}

/**
 * Whether a unique constraint is that of a login which the answer to a new account hides, at least from some callers. The statement of the
 * new account names it, so without it every new account would fail.
 */
export function isHiddenLogin({ identity }: Model, entity: Entity, fields: readonly string[]): boolean {
  if (identity?.entity !== entity.name || fields.join() !== identity.login) return false
  const login = entity.fields.find(({ name }) => name === identity.login)
  const isOpen = isAlways(entity.access.read) && login !== undefined && isAlways(login.read)
  return identity.takenLogin === 'accepted' || (identity.takenLogin === null && !isOpen)
}

/** The greatest length of a text that its pattern accepts; `Infinity` for another type, and where the pattern has no bound. */
export function longestByPattern(type: FieldType): number {
  return type.kind === 'scalar' && type.pattern !== null ? longestAccepted(type.pattern) : Number.POSITIVE_INFINITY
}
