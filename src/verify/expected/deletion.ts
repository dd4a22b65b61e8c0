/** The effect of deleting rows on other rows. */

import type { Caller } from '../../model/caller.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import { setRow } from './kind-of-caller.ts'
import type { AllRows, ReferenceBackend } from './reference.ts'

interface Deleted {
  readonly entity: string
  readonly rows: readonly PlainRow[]
  readonly caller: Caller
}

/** All rows after a delete; null when a remaining row restricts the deletion. Soft-deleted rows remain and restrict it, too. */
export function deletionOf({ model, design, rows }: ReferenceBackend, { entity, rows: deleted, caller }: Deleted): AllRows | null {
  const before = rows()
  if (design.entities[entity]?.softDelete === true) {
    const set = setRow(design.entities[entity], 'write', caller)
    return new Map(
      [...before].map(([name, all]) => [
        name,
        all.map((one) => (deleted.includes(one) ? { ...one, ...set, deletedAt: 'now', version: Number(one.version) + 1 } : one)),
      ]),
    )
  }
  const gone = new Set<PlainRow>(deleted)
  const references = model.entities.flatMap(({ name, fields }) =>
    fields.flatMap((field) =>
      field.type.kind === 'ref' ? [{ name, field: field.name, to: field.type.entity, onDelete: field.type.onDelete }] : [],
    ),
  )
  const goneIds = (of: string) => new Set((before.get(of) ?? []).filter((one) => gone.has(one)).map((one) => one.id))
  let size = 0
  while (gone.size > size) {
    size = gone.size
    for (const { name, field, to, onDelete } of references) {
      const ids = goneIds(to)
      if (onDelete === 'cascade') for (const one of before.get(name) ?? []) if (ids.has(one[field] ?? null)) gone.add(one)
    }
  }
  const held = references.some(({ name, field, to, onDelete }) => {
    const ids = goneIds(to)
    return onDelete === 'restrict' && (before.get(name) ?? []).some((one) => !gone.has(one) && ids.has(one[field] ?? null))
  })
  if (held) return null
  return new Map([...before].map(([name, all]) => [name, all.filter((one) => !gone.has(one)).map((one) => letGo(name, one))]))

  function letGo(name: string, one: PlainRow): PlainRow {
    const released = references.filter((r) => r.name === name && r.onDelete === 'setNull' && goneIds(r.to).has(one[r.field] ?? null))
    const version = Number(one.version) + released.length
    return released.length === 0 ? one : { ...one, ...Object.fromEntries(released.map((r) => [r.field, null])), version }
  }
}
