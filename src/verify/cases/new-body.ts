/** Bodies of new rows that are like other ones. */

import { sampleValue } from '../../compile/values/sample.ts'
import type { Entity } from '../../model/model.ts'
import type { BodyValues } from '../expected/abstract-request.ts'
import { createdRow } from '../expected/expectation-write.ts'
import type { Standpoint } from '../expected/expected.ts'
import { isLive, type ReferenceBackend } from '../expected/reference.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'

/** Types for which a new value is easily found. */
const RENEWED: ReadonlySet<string> = new Set(['text', 'email', 'url', 'uuid', 'integer', 'timestamp', 'date'])

/**
 * The row with other rows in a reference that must be unique together with other fields, so that a row like it can be created. Rows with
 * which the values are not taken yet, the first and the last of them.
 */
export function unpaired(reference: ReferenceBackend, entity: Entity, template: PlainRow): readonly PlainRow[] {
  const rows = (reference.rows().get(entity.name) ?? []).filter(isLive)
  return entity.uniques
    .filter(({ fields }) => fields.length > 1)
    .flatMap(({ fields }) =>
      fields.flatMap((name) => {
        const type = entity.fields.find((field) => field.name === name)?.type
        const others = fields.filter((one) => one !== name)
        const taken = new Set(rows.filter((row) => others.every((one) => row[one] === template[one])).map((row) => row[name]))
        const targets =
          type?.kind === 'ref' ? (reference.rows().get(type.entity) ?? []).filter((row) => isLive(row) && !taken.has(row.id)) : []
        return [...targets.slice(0, 2), ...targets.slice(2).slice(-2)].map((target) => ({ ...template, [name]: target.id ?? null }))
      }),
    )
}

/** Whether no two rows have the same value of a field. */
export function isSingleKey(entity: Entity, name: string): boolean {
  return entity.uniques.some(({ fields }) => fields.length === 1 && fields[0] === name)
}

/** Of fields that must be unique together, one whose value can be new without another row; no choice and no reference. */
function renewedFields({ uniques, fields }: Entity): ReadonlySet<string> {
  return new Set(
    uniques.flatMap(({ fields: names }): readonly string[] => {
      const scalars = names.filter((name) => {
        const type = fields.find((field) => field.name === name)?.type
        return type?.kind === 'scalar' && RENEWED.has(type.scalar)
      })
      return scalars.slice(-1)
    }),
  )
}

/**
 * The body of a new row like another one. Unique values are new, and what the caller may not set is left out.
 *
 * @param needed fields that the body has even if nobody may send them.
 */
export function newBody(
  at: Standpoint,
  template: PlainRow,
  { n, needed }: { readonly n: number; readonly needed: readonly string[] },
): BodyValues {
  const { sight, entity } = at
  const writable = sight.kind.writable(entity.name)
  const renewed = renewedFields(entity)
  const sent = entity.fields.filter((field) => field.type.kind !== 'file' && (writable.has(field.name) || needed.includes(field.name)))
  const body = Object.fromEntries(
    sent.flatMap((field): readonly (readonly [string, unknown])[] => {
      const isKey = isSingleKey(entity, field.name)
      if (isKey && field.optional && !needed.includes(field.name)) return []
      const isNew = field.type.kind === 'password' || isKey || renewed.has(field.name)
      const sample = isNew ? sampleValue(field.type, field.type.kind === 'password' ? 0 : n) : undefined
      const value = isKey || field.type.kind === 'password' ? sample : (sample ?? template[field.name])
      return value === null || value === undefined ? [] : [[field.name, value]]
    }),
  )
  return allowedValues(at, body, needed)
}

/** A body without the values that the caller may not set, where the row needs none. */
function allowedValues(at: Standpoint, body: BodyValues, needed: readonly string[]): BodyValues {
  const { entity, reference, sight } = at
  const guarded = Object.entries(reference.design.entities[entity.name]?.fields ?? {}).filter(
    ([name, { write }]) => write !== undefined && Object.hasOwn(body, name) && !needed.includes(name),
  )
  const free = guarded.filter(([name]) => entity.fields.some((field) => field.name === name && (field.optional || field.default !== null)))
  if (free.length === 0) return body
  const row = createdRow(at, body)
  const refused = free.filter(([, { write = 'true' }]) => !sight.holds(entity.name, write, row, body as PlainRow)).map(([name]) => name)
  return Object.fromEntries(Object.entries(body).filter(([name]) => !refused.includes(name)))
}
