/** The fields that hooks set. */

import { type Entity, type Field, isMaintained, type Model } from '../../model/model.ts'

/** The fields that a hook may set in a create or an update: not those that Plinth, the server or a workflow maintains, and no passwords. */
export function settableFields(model: Model, entity: Entity, operation: 'create' | 'update'): readonly Field[] {
  const states = model.workflows.filter((workflow) => workflow.entity === entity.name).map(({ field }) => field)
  return entity.fields.filter((field) => {
    const { name, type, immutable, default: preset } = field
    if (isMaintained(field) || preset?.kind === 'generated' || type.kind === 'password' || states.includes(name)) return false
    return operation === 'create' || !immutable
  })
}
