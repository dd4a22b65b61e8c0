/** Finds the nested rows that a creation may contain: rows of to-many relations that this caller may create. */

import { memoPair } from '../../base/memo.ts'
import { type Field, fieldNamed, type Relation } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import { type EntityView, type View, viewOf } from '../rules/view.ts'
import { type Input, inputOf } from './inputs.ts'

/** A to-many relation whose rows a creation may contain. */
export interface Nesting {
  /** The name of the relation and of its list in the body. */
  readonly name: string
  readonly child: EntityView
  /** The reference to the new row. A request does not contain it. */
  readonly via: Field
  /** The shape of one of the rows. */
  readonly input: Input
}

/**
 * The nested rows that a creation of the viewed entity may contain, in the order of the design. A relation is listed if this caller may
 * create its rows and set their reference. The caller need not be allowed to read them. Other names count as unknown.
 *
 * An account whose create must not tell whether the login is taken is created alone: the fate of other rows would tell it.
 */
export const nestingsOf = memoPair(
  (view: View, entity: EntityView): ReadonlyMap<string, Nesting> =>
    new Map(nestable(view, entity).map((relation) => [relation.name, nestingOf(view, relation)])),
)

function nestable(view: View, entity: EntityView): readonly Relation[] {
  if (entity.hidesTakenLogin) return []
  return entity.entity.relations.filter((relation) => {
    const child = viewOf(view, relation.entity)
    return (
      !isNever(child.create) &&
      !child.hidesTakenLogin &&
      child.writable.has(relation.via) &&
      inputOf(child.entity, { operation: 'create', writable: child.writable.keys(), filled: relation.via }).withheld.length === 0
    )
  })
}

function nestingOf(view: View, { name, entity, via }: Relation): Nesting {
  const child = viewOf(view, entity)
  const children = nestable(view, child).map((relation) => relation.name)
  const readable = [...child.readable.keys(), ...child.derived.keys()]
  const input = inputOf(child.entity, { operation: 'create', writable: child.writable.keys(), readable, filled: via, children })
  return { name, child, via: fieldNamed(child.entity, via), input }
}
