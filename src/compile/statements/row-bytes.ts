/** How large the JSON of a row may get, as far as the design limits its fields, and the condition that a written row is not too large. */

import { LIMITS } from '../../base/limits.ts'
import { ident, join, numberLiteral, type Sql, sql } from '../../base/sql/sql.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { FieldType, ScalarType } from '../../model/field-type.ts'
import type { Entity, Field } from '../../model/model.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import { fieldJson } from './json/json-sql.ts'
import { objectText } from './json/json-text.ts'
import type { Include, Output } from './plan.ts'

/** The most bytes that JSON takes for one character: `\u0000`. */
const CHARACTER_BYTES = 6

/** The most bytes of one value as JSON, where its field has no limit of its own. */
const SCALAR_BYTES = {
  text: Number.POSITIVE_INFINITY,
  email: 2 + 254 * CHARACTER_BYTES,
  url: 2 + 2_048 * CHARACTER_BYTES,
  uuid: 38,
  integer: 20,
  decimal: Number.POSITIVE_INFINITY,
  number: 30,
  boolean: 5,
  timestamp: 30,
  date: 16,
  time: 20,
  duration: 80,
  encrypted: Number.POSITIVE_INFINITY,
  encryptedEqual: Number.POSITIVE_INFINITY,
  json: Number.POSITIVE_INFINITY,
} as const satisfies Record<ScalarKind, number>

/** The most bytes of a row of an answer; infinite where a field has no limit. Lists inside of it count as full. */
export function mostBytes({ fields, includes, extras = [] }: Output): number {
  const own = fields.reduce((sum, { field, as }) => sum + memberBytes(as ?? field.name, typeBytes(field.type)), 2)
  const more = extras.reduce((sum, extra) => sum + (extra.kind === 'row' ? mostBytes(extra.output) : 200), 0)
  return includes.reduce((sum, include) => sum + memberBytes(include.name, includeBytes(include)), own + more)
}

function includeBytes(include: Include): number {
  switch (include.kind) {
    case 'to-one':
      return mostBytes(include.output)
    case 'to-many':
      return include.limit * mostBytes(include.output)
    case 'connection':
      return Number.POSITIVE_INFINITY
    default:
      return unreachable(include)
  }
}

function memberBytes(name: string, value: number): number {
  return Buffer.byteLength(name) + value + 4
}

function typeBytes(type: FieldType): number {
  switch (type.kind) {
    case 'scalar':
      return scalarBytes(type)
    case 'choice':
      return Math.max(...type.values.map((value) => Buffer.byteLength(JSON.stringify(value))))
    case 'list':
      return 2 + type.max * (1 + typeBytes(type.of))
    case 'ref':
    case 'computed':
      return SCALAR_BYTES[type.scalar]
    case 'password':
      return 0
    case 'file':
      return FILE_BYTES
    default:
      return unreachable(type)
  }
}

/** The JSON of a file: a name and an address of at most 255 and 1,000 bytes, escaped, and short members. */
const FILE_BYTES = 8_000

function scalarBytes({ scalar, max, precision }: ScalarType): number {
  if (precision !== null) return precision.digits + 5
  return scalar === 'text' && max !== null ? 2 + Number(max) * CHARACTER_BYTES : SCALAR_BYTES[scalar]
}

/** The fields that every new row has and that an answer may show. */
function shownFields({ fields }: Entity): readonly Field[] {
  return fields.filter(({ type, system }) => type.kind !== 'password' && system !== 'deletedAt')
}

/** The fields that could make a row too large, alone or together; none when no row of the entity can be too large. */
function largeFields(entity: Entity): readonly Field[] {
  const shown = shownFields(entity)
  const bytes = shown.map((field) => memberBytes(field.name, typeBytes(field.type)))
  if (bytes.reduce((sum, one) => sum + one, 2) <= LIMITS.rowBytes) return []
  const least = LIMITS.rowBytes / (2 * shown.length)
  return shown.filter((_, i) => (bytes[i] ?? 0) > least)
}

/**
 * The condition that the row under `alias` is not too large. `written` are the names of the fields that change; null for all.
 *
 * @returns null when that is known from the design.
 */
export function fitsSql(entity: Entity, alias: string, written: ReadonlySet<string> | null): Sql | null {
  const large = largeFields(entity)
  if (!large.some(({ name, type }) => written === null || written.has(name) || type.kind === 'computed')) return null
  const limit = numberLiteral(LIMITS.rowBytes)
  // Half of the limit is enough for the other fields. The length of a stored text is known without reading it.
  const most = join(
    large.map((field) => sql`coalesce(${mostBytesOf(field, ident(alias, field.column))}, 0)::bigint`),
    ' + ',
    numberLiteral(0),
  )
  const shown = shownFields(entity)
  const json = objectText(shown.map((field) => [field.name, fieldJson(field, ident(alias, field.column), null)] as const))
  return sql`case when ${most} <= ${numberLiteral(LIMITS.rowBytes / 2)} then true else octet_length(${json}) <= ${limit} end`
}

function mostBytesOf({ type }: Field, column: Sql): Sql {
  const isText = (type.kind === 'scalar' || type.kind === 'computed') && (type.scalar === 'text' || type.scalar === 'url')
  return sql`${numberLiteral(CHARACTER_BYTES)} * octet_length(${isText ? column : sql`${column}::text`})`
}
