/** Replacements of rows. */

import { type AbstractRequest, ALL, type BodyValues } from '../../expected/abstract-request.ts'
import type { Standpoint } from '../../expected/expected.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'

/** A replacement with all that the caller may set, as it is, and some changes. Whether it is allowed is another question. */
export function replacementOf(
  { entity, sight }: Standpoint,
  row: PlainRow,
  changes: BodyValues,
): Extract<AbstractRequest, { kind: 'update' }> {
  const writable = sight.kind.writable(entity.name)
  const sent = entity.fields.filter(
    ({ name, type, immutable }) => writable.has(name) && !immutable && type.kind !== 'password' && type.kind !== 'file',
  )
  const same = Object.fromEntries(sent.flatMap(({ name }) => ((row[name] ?? null) === null ? [] : [[name, row[name]]])))
  return {
    ...({ kind: 'update', entity: entity.name, mode: 'put', id: String(row.id) } as const),
    ...{ body: { ...same, ...changes }, version: null, selected: ALL },
  }
}
