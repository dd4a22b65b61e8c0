/** The id of an entity, from its primary key. */

import type { SketchEntity, SketchField } from '../sketch/sketch.ts'
import type { DraftField } from './draft.ts'

/** What becomes of a primary key. */
export type KeyPlan =
  /** The column is the id: Plinth's own (`field` is null), or a field `id`. */
  | { readonly kind: 'id'; readonly column: string; readonly field: DraftField | null; readonly note: string | null }
  /** Plinth's id identifies the row, and the columns of the key are unique. */
  | { readonly kind: 'unique'; readonly columns: readonly string[] }
  | { readonly kind: 'none' }

const MAX_TEXT_ID = 200

/** Decides what becomes of the key. A key that is a reference stays one, and is unique. */
export function keyPlan(entity: SketchEntity): KeyPlan {
  const columns = entity.key?.columns ?? entity.fields.filter(({ name }) => name.toLowerCase() === 'id').map(({ name }) => name)
  const [column] = columns
  if (column === undefined) return { kind: 'none' }
  const field = entity.fields.find(({ name }) => name === column)
  if (columns.length > 1 || field === undefined) return { kind: 'unique', columns }
  if (entity.references.some((reference) => reference.columns.length === 1 && reference.columns[0] === column))
    return { kind: 'unique', columns }
  return idOf(field) ?? { kind: 'unique', columns }
}

function idOf({ name, type }: SketchField): KeyPlan | null {
  const renamed = name.toLowerCase() === 'id' ? null : `${name} is the id`
  const id = (field: DraftField | null, note: string | null): KeyPlan => ({
    kind: 'id',
    column: name,
    field,
    note: [renamed, note].filter((each) => each !== null).join('; ') || null,
  })
  switch (type.type) {
    case 'uuid':
      return id(null, null)
    case 'integer':
    case 'sequence':
      return id({ type: 'integer' }, null)
    case 'text':
    case 'email':
      if ('default' in type && type.default !== undefined) return id(null, 'the id is a UUID that Plinth makes')
      return id({ type: 'text', ...textLimit(type) }, null)
    default:
      return null
  }
}

function textLimit(type: object): { readonly max?: number } {
  return 'max' in type && typeof type.max === 'number' && type.max < MAX_TEXT_ID ? { max: type.max } : {}
}
