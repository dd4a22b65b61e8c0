/** The keys by which an upsert names a row. */

import type { Entity, Field } from '../../model/model.ts'
import { fieldNamed } from '../../model/model.ts'
import type { EntityView } from '../rules/view.ts'
import { inputOf } from './inputs.ts'

/** Fields whose values no two rows share. */
export interface Key {
  /** Names of its fields, joined by `_`, which no name of a design contains. */
  readonly name: string
  readonly fields: readonly Field[]
}

/** Every key of an entity: its unique constraints, and the id if clients choose it. */
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
