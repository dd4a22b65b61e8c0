/** Converts columns to the API's JSON, independently of the session's DateStyle, IntervalStyle and TimeZone. */

import { isoText } from '../../../base/sql/iso-text.ts'
import { empty, literal, type Sql, sql } from '../../../base/sql/sql.ts'
import { type Field, storedScalar } from '../../../model/model.ts'
import type { ScalarKind } from '../../../model/scalar.ts'
import { hiddenUnlessSql } from '../../rules/hidden-value.ts'
import { fileSql } from '../../rules/shown/file-sql.ts'
import type { Json } from './json-text.ts'

/** The expression that converts one value; null where PostgreSQL's own JSON already has the API's form. */
const JSON_SQL = {
  text: null,
  email: null,
  url: null,
  uuid: null,
  integer: null,
  // A JSON number would be read as a double by most clients; text keeps every digit.
  decimal: (value) => sql`${value}::text`,
  number: null,
  boolean: null,
  timestamp: isoText,
  // to_json writes dates in ISO 8601 under any DateStyle, and times have one spelling only.
  date: null,
  time: null,
  duration: durationSql,
  encrypted: null,
  encryptedEqual: null,
  json: null,
} as const satisfies Record<ScalarKind, ((value: Sql) => Sql) | null>

/** How a value becomes JSON: unchanged, between quotes, or by PostgreSQL's `to_json`, which escapes characters. */
const TEXT_OF = {
  text: 'escaped',
  email: 'escaped',
  url: 'escaped',
  uuid: 'characters',
  integer: 'spelled',
  decimal: 'characters',
  number: 'spelled',
  boolean: 'spelled',
  timestamp: 'characters',
  date: 'escaped',
  time: 'escaped',
  duration: 'characters',
  encrypted: 'escaped',
  encryptedEqual: 'escaped',
  json: 'spelled',
} as const satisfies Record<ScalarKind, 'escaped' | Json['kind']>

/**
 * The JSON of a field's column, or of a computed field's expression. It is null in rows where `shown` does not hold; a `shown` of null
 * always holds.
 */
export function fieldJson(field: Pick<Field, 'type'>, column: Sql, shown: Sql | null): Json {
  const known = jsonColumn(field, column)
  const value = hiddenUnlessSql(shown, known)
  const { type } = field
  // The table may hold choices of an earlier version of the design, with characters that need escaping.
  const kind = type.kind === 'choice' || type.kind === 'list' ? 'escaped' : TEXT_OF[storedScalar(type)]
  return kind === 'escaped' ? { kind: 'spelled', value: sql`to_json(${value})` } : { kind, value }
}

/**
 * The expression to select for a field, given its column (or a computed field's expression). Lists are converted item by
 * item in order; null stays null.
 *
 * @throws Error for a password, which is never selected.
 */
export function jsonColumn(field: Pick<Field, 'type'>, column: Sql): Sql {
  if (field.type.kind === 'password') throw new Error('a password is never selected')
  if (field.type.kind === 'file') return fileSql(field.type, column)
  const convert: ((value: Sql) => Sql) | null = JSON_SQL[storedScalar(field.type)]
  if (convert === null) return column
  if (field.type.kind !== 'list') return convert(column)
  const items = sql`select coalesce(array_agg(${convert(sql`item.value`)} order by item.place), '{}') from unnest(${column}) with ordinality as item(value, place)`
  return sql`case when ${column} is not null then (${items}) end`
}

/** A choice, or the items of a list of choices, under other names. */
export function spelledSql(column: Sql, isList: boolean, names: ReadonlyMap<string, string>): Sql {
  const one = (value: Sql): Sql => {
    const cases = [...names].map(([stored, name]) => sql` when ${literal(stored)} then ${literal(name)}`)
    return sql`case ${value}${cases.reduce((all, when) => sql`${all}${when}`, empty)} end`
  }
  if (!isList) return one(column)
  const items = sql`select coalesce(array_agg(${one(sql`item.value`)} order by item.place), '{}') from unnest(${column}) with ordinality as item(value, place)`
  return sql`case when ${column} is not null then (${items}) end`
}

/** `PnDTnHnMn.nS` without zero parts, independent of IntervalStyle; a day is 24 hours. */
function durationSql(value: Sql): Sql {
  const length = sql`(select extract(epoch from ${value}) as total, abs(extract(epoch from ${value})) as size) as length`
  const days = sql`nullif(div(size, 86400), 0)::text || 'D'`
  const hours = sql`nullif(div(mod(size, 86400), 3600), 0)::text || 'H'`
  const minutes = sql`nullif(div(mod(size, 3600), 60), 0)::text || 'M'`
  const seconds = sql`trim_scale(nullif(mod(size, 60), 0))::text || 'S'`
  const time = sql`case when mod(size, 86400) <> 0 then concat('T', ${hours}, ${minutes}, ${seconds}) end`
  const spelled = sql`concat(case when total < 0 then '-' end, 'P', ${days}, ${time})`
  return sql`(select case when total is null then null when total = 0 then 'PT0S' else ${spelled} end from ${length})`
}
