/** The fields that hooks set. */

import type { Entity, Field, Model } from './model.ts'

/** The fields that a hook may set in a create or an update: not those that Plinth, the server or a workflow maintains, and no passwords. */
export function settableFields(model: Model, entity: Entity, operation: 'create' | 'update'): readonly Field[] {
  const states = model.workflows.filter((workflow) => workflow.entity === entity.name).map(({ field }) => field)
  return entity.fields.filter(({ name, type, system, immutable, default: preset }) => {
    if (system !== null || type.kind === 'computed' || type.kind === 'password' || states.includes(name)) return false
    if (preset?.kind === 'set' || preset?.kind === 'sequence' || preset?.kind === 'generated') return false
    return operation === 'create' || !immutable
  })
}
