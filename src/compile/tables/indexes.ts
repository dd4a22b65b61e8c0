/** The indexes of an entity: declared indexes, in the form that serves lists, and automatic ones. */

import { memo } from '../../base/memo.ts'
import { ident, type Sql } from '../../base/sql/sql.ts'
import type { Entity, Field, Index, IndexPart } from '../../model/model.ts'
import { fieldNamed } from '../../model/model.ts'
import { isSealed } from '../../model/privacy/sealed.ts'
import { digestSql } from '../rules/shown/digest-sql.ts'

/**
 * All indexes of an entity that no unique constraint owns, in a fixed order, none twice:
 *
 * - each declared index, with `id` as the last key in the direction of the key before it, so that a keyset page has a total order;
 * - a declared index that begins with a list becomes a GIN index on the list and a B-tree on the other fields: no index method serves both;
 * - (`createdAt`, `id`), for lists in that order;
 * - (digest of `field`, `id`) for each encrypted text that is found by equality;
 * - (`ref`, `id`) for each reference that no other index or complete unique constraint begins with, so that deleting the referenced row
 * stays cheap.
 */
export function entityIndexes(entity: Entity): readonly Index[] {
  const indexes: Index[] = []
  const seen = new Set<string>()
  const add = (index: Index) => {
    const key = JSON.stringify([index.method, index.parts])
    if (index.parts.length === 0 || seen.has(key)) return
    seen.add(key)
    indexes.push(index)
  }
  for (const declared of entity.indexes) for (const index of inForm(entity, declared)) add(index)
  if (entity.fields.some((field) => field.system === 'createdAt')) add(ordered([{ field: 'createdAt', descending: false }]))
  for (const { name, type } of entity.fields)
    if (type.kind === 'scalar' && type.scalar === 'encryptedEqual') add(ordered([{ field: name, descending: false }]))
  for (const field of entity.fields) {
    if (field.type.kind !== 'ref' || beginsWith(entity, indexes, field.name)) continue
    add(ordered([{ field: field.name, descending: false }]))
  }
  return indexes
}

/** Every index of an entity that can serve lists, with those of its id and of its unique constraints. */
export const servingIndexes = memo((entity: Entity): readonly Index[] => {
  const btree = (fields: readonly string[]): Index => ({ method: 'btree', parts: fields.map((field) => ({ field, descending: false })) })
  return [btree(['id']), ...entity.uniques.map((unique) => btree(unique.fields)), ...entityIndexes(entity)]
})

function inForm(entity: Entity, declared: Index): readonly Index[] {
  const lists = declared.parts.filter((part) => fieldNamed(entity, part.field).type.kind === 'list')
  const scalars = declared.parts.filter((part) => !lists.includes(part))
  const gins = lists.map((part): Index => ({ method: 'gin', parts: [{ field: part.field, descending: false }] }))
  return scalars.length === 0 ? gins : [...gins, ordered(scalars)]
}

function ordered(parts: readonly IndexPart[]): Index {
  const last = parts.at(-1)
  if (last === undefined || parts.some((part) => part.field === 'id')) return { method: 'btree', parts }
  return { method: 'btree', parts: [...parts, { field: 'id', descending: last.descending }] }
}

/** With `softDelete` a unique index covers only the rows that are not deleted, so it does not replace the reference's own index. */
function beginsWith(entity: Entity, indexes: readonly Index[], field: string): boolean {
  if (indexes.some((index) => index.method === 'btree' && index.parts[0]?.field === field)) return true
  return !entity.softDelete && entity.uniques.some((unique) => unique.fields[0] === field)
}

/** What an index has of a field: its column, or the digest of an encrypted text. */
export function indexedSql(field: Pick<Field, 'column' | 'type'>): Sql {
  return isSealed(field) ? digestSql(ident(field.column)) : ident(field.column)
}
