/** The triggers that keep the table of files in step with the rows of an entity. */

import type { Table } from '../../model/database.ts'
import { fileFieldsOf } from '../../model/files/file-fields.ts'
import { type Entity, type Field, fieldNamed } from '../../model/model.ts'

/** The arguments of the triggers; nothing for an entity without files. */
export function keptFiles(entity: Entity): Pick<Table, 'files'> {
  const fields = fileFieldsOf(entity)
  if (fields.length === 0) return {}
  return { files: [entity.name, fieldNamed(entity, 'id').column, ...fields.flatMap(({ column, name }) => [column, name])] }
}

/** The name that the trigger gives a refused upload. PostgreSQL reports it in place of the name of a constraint. */
export function uploadConstraint({ table }: Entity, { column }: Field): string {
  return `${table}_${column}_upload`
}
