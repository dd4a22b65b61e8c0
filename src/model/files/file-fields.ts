/** The files of a design. */

import type { FileType } from '../field-type.ts'
import type { Entity, Field, Model } from '../model.ts'

/** A field that holds a file. */
export interface HeldFile extends Field {
  readonly type: FileType
}

/** A field that holds a file, and its entity. */
export interface EntityFile {
  readonly entity: Entity
  readonly field: HeldFile
}

/** The fields of an entity that hold files, in the order of the design. */
export function fileFieldsOf({ fields }: Pick<Entity, 'fields'>): readonly HeldFile[] {
  return fields.filter((field): field is HeldFile => field.type.kind === 'file')
}

/** All fields that hold files. */
export function filePlaces({ entities }: Pick<Model, 'entities'>): readonly EntityFile[] {
  return entities.flatMap((entity) => fileFieldsOf(entity).map((field) => ({ entity, field })))
}

/** Whether a design has files. */
export function hasFiles(model: Pick<Model, 'entities'>): boolean {
  return model.entities.some(({ fields }) => fields.some(({ type }) => type.kind === 'file'))
}

/** The name of a field with its entity: uploads belong to one field. */
export function uploadTarget({ entity, field }: EntityFile): string {
  return `${entity.name}.${field.name}`
}
