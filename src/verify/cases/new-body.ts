/** Bodies of new rows that are like other ones. */

import { encodeJson } from '../../compile/values/encode.ts'
import { sampleValue } from '../../compile/values/sample.ts'
import type { Entity, Field } from '../../model/model.ts'
import type { BodyValues } from '../expected/abstract-request.ts'
import { createdRow } from '../expected/expectation-write.ts'
import type { Standpoint } from '../expected/expected.ts'
import { isLive } from '../expected/reference.ts'
import { uniquesOf } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import { unusedSample } from '../worlds/new-row.ts'

/** Types for which a new value is easily found. */
const RENEWED: ReadonlySet<string> = new Set(['text', 'email', 'url', 'uuid', 'integer', 'timestamp', 'date'])

/**
 * The row with other rows in a reference that must be unique, alone or together with other fields, so that a row like it can be created.
 * Rows with which the values are not taken yet, the first and the last of them, and of those that the caller may read.
 */
export function unpaired({ reference, entity, sight }: Standpoint, template: PlainRow): readonly PlainRow[] {
  const rows = (reference.rows().get(entity.name) ?? []).filter(isLive)
  return uniquesOf(reference.design.entities[entity.name]).flatMap(({ names, where }) => {
    const counted = rows.filter((row) => where === 'true' || sight.holds(entity.name, where, row))
    return names.flatMap((name) => {
      const type = entity.fields.find((field) => field.name === name)?.type
      if (type?.kind !== 'ref') return []
      const others = names.filter((one) => one !== name)
      const taken = new Set(counted.filter((row) => others.every((one) => row[one] === template[one])).map((row) => row[name]))
      const targets = (reference.rows().get(type.entity) ?? []).filter((row) => isLive(row) && !taken.has(row.id))
      const seen = targets.filter((row) => sight.sees(type.entity, row))
      const present = reference.find(type.entity, String(template[name]))
      const chosen = new Set([...mostAlike(present, seen), ...ends(seen), ...ends(targets)])
      return [...chosen].map((target) => ({ ...template, [name]: target.id ?? null }))
    })
  })
}

/** The row that has the same values as another one in most fields, if it has most of them. */
function mostAlike(row: PlainRow | undefined, others: readonly PlainRow[]): readonly PlainRow[] {
  if (row === undefined) return []
  const names = Object.keys(row)
  const alike = (other: PlainRow): number => names.filter((name) => other[name] === row[name]).length
  const best = others.reduce<PlainRow | null>((found, other) => (found === null || alike(other) > alike(found) ? other : found), null)
  return best === null || alike(best) * 2 < names.length ? [] : [best]
}

/** The first two and the last two. */
function ends(rows: readonly PlainRow[]): readonly PlainRow[] {
  return [...rows.slice(0, 2), ...rows.slice(2).slice(-2)]
}

/** Whether no two rows have the same value of a field that is no reference. A reference gets another row from `unpaired`. */
export function isSingleKey({ uniques, fields }: Entity, name: string): boolean {
  const isReference = fields.some((field) => field.name === name && field.type.kind === 'ref')
  if (name === 'id') return true
  return !isReference && uniques.some(({ fields: names }) => names.length === 1 && names[0] === name)
}

/** Of fields that must be unique together, one whose value can be new without another row; no choice and no reference. */
function renewedFields({ entity: { name: own, fields }, reference: { design } }: Standpoint): ReadonlySet<string> {
  return new Set(
    uniquesOf(design.entities[own]).flatMap(({ names }): readonly string[] => {
      const scalars = names.filter((name) => {
        const type = fields.find((field) => field.name === name)?.type
        return type?.kind === 'scalar' && RENEWED.has(type.scalar)
      })
      return scalars.slice(-1)
    }),
  )
}

const DAY_MS = 24 * 60 * 60_000
/** So many days earlier, a time that is ahead in a sample is still ahead. */
const MOST_DAYS = 400

/** A day or a moment some days earlier, so that what is past or ahead remains so. Null for other values. */
function daysEarlier({ type }: Field, value: PlainValue, n: number): unknown {
  if (type.kind !== 'scalar' || (type.scalar !== 'date' && type.scalar !== 'timestamp') || typeof value !== 'string') return null
  const moment = new Date(Date.parse(value) - (1 + (n % MOST_DAYS)) * DAY_MS).toISOString()
  const earlier = type.scalar === 'date' ? moment.slice(0, 10) : moment
  return encodeJson(type, earlier).ok ? earlier : null
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
  const renewed = renewedFields(at)
  const isEarlier = entity.fields.some((field) => renewed.has(field.name) && daysEarlier(field, template[field.name] ?? null, n) !== null)
  const sent = entity.fields.filter((field) => field.type.kind !== 'file' && (writable.has(field.name) || needed.includes(field.name)))
  const body = Object.fromEntries(
    sent.flatMap((field): readonly (readonly [string, unknown])[] => {
      if (field.type.kind === 'password') return [[field.name, sampleValue(field.type, 0)]]
      if (isSingleKey(entity, field.name)) return field.optional && !needed.includes(field.name) ? [] : [[field.name, newKey(at, field, n)]]
      // Times of a row keep their distances.
      const earlier = isEarlier ? daysEarlier(field, template[field.name] ?? null, n) : null
      const value = earlier ?? (renewed.has(field.name) ? sampleValue(field.type, n) : null) ?? template[field.name]
      return value === null || value === undefined ? [] : [[field.name, value]]
    }),
  )
  return allowedValues(at, body, needed)
}

/** A value that no row has. */
function newKey({ entity, reference }: Standpoint, { name, type }: Field, n: number): unknown {
  const used = new Set((reference.rows().get(entity.name) ?? []).map((row) => row[name]))
  return unusedSample(type, n, (value) => used.has(value as PlainValue))
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
