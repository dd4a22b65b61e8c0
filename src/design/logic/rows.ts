/** Resolves what a step is about: an entity, a relation, a row, or the result of an earlier step; and what `each` iterates over. */

import type { Each, StepRows, StepSort, StepTarget } from '../../model/action.ts'
import { type Entity, storedScalar } from '../../model/model.ts'
import { SCALARS } from '../../model/scalar.ts'
import type { NamedValue } from '../expression/scope.ts'
import { fieldAt } from './inputs.ts'
import { type Bare, elementsAt, entityAt, type LogicPlace, rowNamed, within } from './logic-context.ts'

/** Rows and their entity. */
export interface ResolvedRows {
  readonly rows: StepRows
  readonly entity: Entity
}

/** A target and its entity. */
export interface ResolvedTarget {
  readonly target: StepTarget
  readonly entity: Entity
}

/**
 * The target of an `update` or a `delete`. The name of an entity begins with a capital letter. Null, with a finding, for an unknown name.
 */
export function targetAt(source: string, place: LogicPlace): ResolvedTarget | null {
  if (/^[A-Z][A-Za-z0-9]*$/.test(source)) {
    const entity = entityAt(place, source)
    return entity === null ? null : { target: { kind: 'rows', rows: { kind: 'entity', entity: source } }, entity }
  }
  const found = elementsAt(place, source)
  if (found === null) return null
  if (found.kind === 'items') {
    place.context.report.add('PLN-D312', place.at, 'a row or rows are needed, and this is a list of values')
    return null
  }
  const name = found.kind === 'row' ? found.path.entity : found.set.entity
  const entity = place.context.entities.get(name)
  if (entity === undefined) return null
  return {
    target: found.kind === 'row' ? { kind: 'row', row: found.path } : { kind: 'rows', rows: { kind: 'set', set: found.set } },
    entity,
  }
}

/** What `find` and `list` take rows from. */
export function rowsAt(source: string, place: LogicPlace): ResolvedRows | null {
  const found = targetAt(source, place)
  if (found === null) return null
  if (found.target.kind === 'rows') return { rows: found.target.rows, entity: found.entity }
  place.context.report.add(
    'PLN-D312',
    place.at,
    'this is one row already, and rows to choose from are needed',
    'write an entity or a relation',
  )
  return null
}

/** `each` with the meaning of its name. */
export interface ResolvedEach {
  readonly each: Each
  readonly named: NamedValue
}

/** Resolves `i in cart.items`; null, with findings, when these are neither rows nor a list. */
export function eachAt(source: string, place: LogicPlace): ResolvedEach | null {
  const [, name = '', over = ''] = /^([A-Za-z][A-Za-z0-9]*) +in +(.*)$/s.exec(source) ?? []
  return elementsOf({ name, over, bare: null }, place)
}

/** The elements of `over` under a name; null, with findings, when these are neither rows nor a list. */
export function elementsOf(
  { name, over, bare }: { readonly name: string; readonly over: string; readonly bare: Bare },
  place: LogicPlace,
): ResolvedEach | null {
  const found = elementsAt(place, over, bare)
  if (found === null) return null
  if (found.kind === 'row') {
    place.context.report.add('PLN-D312', place.at, `each runs through rows or a list, and this is one ${found.path.entity}`)
    return null
  }
  if (found.kind === 'rows')
    return { each: { name, over: { kind: 'rows', rows: { kind: 'set', set: found.set } } }, named: rowNamed(name, found.set.entity) }
  const type = { scalar: found.of.type.scalar, list: false }
  return { each: { name, over: { kind: 'items', of: found.of } }, named: { kind: 'item', binding: name, type, choices: found.choices } }
}

/** The order of rows. */
export function sortAt(sort: readonly string[] | undefined, entity: Entity, place: LogicPlace): readonly StepSort[] {
  return (sort ?? []).flatMap((written, i) => {
    const at = within(place, 'sort', i)
    const descending = written.startsWith('-')
    const field = fieldAt(entity, descending ? written.slice(1) : written, at)
    if (field === null) return []
    if (field.type.kind !== 'list' && field.type.kind !== 'password' && SCALARS[storedScalar(field.type)].ordered)
      return [{ field: field.name, descending }]
    place.context.report.add('PLN-D214', at.at, `${entity.name}.${field.name} has no order`, 'sort by another field')
    return []
  })
}
