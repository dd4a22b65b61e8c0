/** The keys by which an upsert names a row. */

import type { Entity, Field } from '../../model/model.ts'
import { fieldNamed } from '../../model/model.ts'
import type { EntityView } from '../rules/view.ts'
import { inputOf } from './inputs.ts'

/** Fields that no two rows have the same values of. */
export interface Key {
  /** Names of its fields with `_` between them, which no name of a design has. */
  readonly name: string
  readonly fields: readonly Field[]
}

/** Every key of an entity: its unique constraints, and the id where it is not made up by Plinth. */
export function keysOf(entity: Entity): readonly Key[] {
  const id = fieldNamed(entity, 'id')
  const own = id.system === null && id.default === null ? [['id']] : []
  return [...own, ...entity.uniques.map(({ fields }) => fields)].map((names) => ({
    name: names.join('_'),
    fields: names.map((name) => fieldNamed(entity, name)),
  }))
}

/** The keys whose fields a caller may both read and set on a new row. */
export function usableKeys(view: EntityView): readonly Key[] {
  const sendable = inputOf(view.entity, { operation: 'create', writable: view.writable.keys() }).fields
  return keysOf(view.entity).filter(({ fields }) => fields.every(({ name }) => sendable.has(name) && view.readable.has(name)))
}
