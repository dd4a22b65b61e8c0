/** Finds rows that change without their hooks. */

import type { Entity, Field, HookMoment, Model } from '../../model/model.ts'
import type { Report } from '../findings/report.ts'

/** Reports references whose `onDelete` deletes or changes rows of an entity with hooks for that. */
export function reviewHooks(model: Model, report: Report): void {
  for (const entity of model.entities) for (const field of entity.fields) reviewReference(model, { entity, field }, report)
}

function reviewReference(model: Model, { entity, field }: { readonly entity: Entity; readonly field: Field }, report: Report): void {
  const { type } = field
  if (type.kind !== 'ref' || type.onDelete === 'restrict') return
  // A soft delete leaves the row in its table, so the database does nothing.
  if (model.entities.find(({ name }) => name === type.entity)?.softDelete === true) return
  const moments: readonly HookMoment[] = type.onDelete === 'cascade' ? ['beforeDelete', 'afterDelete'] : ['beforeUpdate', 'afterUpdate']
  const passed = entity.hooks.map(({ moment }) => moment).filter((moment) => moments.includes(moment))
  if (passed.length === 0) return
  const does = type.onDelete === 'cascade' ? `deletes its rows of ${entity.name}` : `clears ${entity.name}.${field.name}`
  report.add(
    'PLN-D570',
    ['entities', entity.name, 'fields', field.name, 'onDelete'],
    `the deletion of a ${type.entity} ${does} without ${passed.join(' and ')}`,
    'write onDelete: restrict, or do this in a hook of the deleted row',
  )
}
