/**
 * The parts of a page of rows that every statement about pages has: its order, where it begins, the cursor of a row, and full-text search.
 */

import { ident, join, literal, numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
import type { Model } from '../../model/model.ts'
import { isAlways, isNever } from '../../model/predicate.ts'
import { SCALARS } from '../../model/scalar.ts'
import { rowScope, type SqlScope, whenTrue } from '../rules/predicate-sql.ts'
import { termSql } from '../rules/term-sql.ts'
import { searchedText } from '../tables/columns.ts'
import type { OrderKey, SearchPlan } from './plan.ts'

/** Column that numbers the rows of a page; no field can have this name. */
export const PLACE = ident('#place')

/** Where the rows of a page are, and what the keys of its slots begin with. */
export interface PagePlace {
  readonly alias: string
  readonly slots: string
}

/** The sort keys of the row under `alias`. */
export function orderTerms(model: Model, order: readonly OrderKey[], alias: string): readonly Sql[] {
  const scope = rowScope(model, ident(alias))
  return order.map((key) => termSql(key.term, scope))
}

/** What follows `order by`. */
export function orderBy(order: readonly OrderKey[], keys: readonly Sql[]): Sql {
  return join(
    keys.map((key, i) => (order[i]?.descending === true ? sql`${key} desc` : key)),
    ', ',
    sql`1`,
  )
}

/** The sort keys as they travel in a cursor: texts that read back as the same values, whatever the session's settings. */
export function keyTexts(order: readonly OrderKey[], keys: readonly Sql[]): Sql {
  return join(
    keys.map((key, i) =>
      order[i]?.term.type.scalar === 'timestamp'
        ? sql`to_char(${key} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
        : sql`(${key})::text`,
    ),
    ', ',
    sql`null`,
  )
}

/** The name of an order, with which every cursor of it begins. */
export function orderName(order: readonly OrderKey[]): string {
  return order.map((key) => `${key.descending ? '-' : ''}${key.name}`).join(',')
}

/** The cursor of a row, as a text: base64url of a JSON array with the order's name and the row's sort keys. */
export function cursorSql(order: readonly OrderKey[], keys: readonly Sql[]): Sql {
  const array = sql`json_build_array(${literal(orderName(order))}, ${keyTexts(order, keys)})`
  return base64url(sql`${array}::text`)
}

/** base64url (RFC 4648 section 5) of a text. */
export function base64url(text: Sql): Sql {
  return sql`translate(encode(convert_to(${text}, 'UTF8'), 'base64'), ${literal('+/=\n')}, '-_')`
}

/** A page as it is read. */
export interface PageRows {
  readonly alias: Sql
  /** `from … where …` of all rows that the page is one of. */
  readonly all: Sql
  readonly order: readonly OrderKey[]
  /** The sort keys of the row under `alias`. */
  readonly keys: readonly Sql[]
  /** For a later page: which of the cursor's values are null, and what the keys of their slots begin with. */
  readonly after: { readonly nulls: readonly boolean[]; readonly slots: string } | null
  readonly limit: number
}

/**
 * The rows of a page, in order, by keyset paging: it begins where the page before has ended, wherever that is in the table. What comes
 * after a cursor is one range of the order's index, or, where keys may be missing or run in different directions, several, of each of
 * which no more than a page is read.
 */
export function pageRows(page: PageRows): Sql {
  const { alias, all, order, keys, after } = page
  const inOrder = sql`order by ${orderBy(order, keys)} limit ${numberLiteral(page.limit)}`
  const ranges = after === null ? [] : rangesAfter(page, after)
  const [only] = ranges
  if (ranges.length < 2) return sql`select ${alias}.* ${all}${only === undefined ? sql`` : sql` and (${only})`} ${inOrder}`
  const parts = ranges.map((range) => sql`(select ${alias}.* ${all} and ${range} ${inOrder})`)
  return sql`select ${alias}.* from (${join(parts, ' union all ', sql``)}) ${alias} ${inOrder}`
}

/** The ranges of the order that come after a cursor, apart from each other; one row comparison where the keys allow it. */
function rangesAfter({ order, keys }: PageRows, { nulls, slots }: NonNullable<PageRows['after']>): readonly Sql[] {
  const values = order.map((key, i) => slot(`${slots}after.${i}`, SCALARS[key.term.type.scalar].column))
  const plain = order.every((key, i) => !key.nullable && nulls[i] === false && key.descending === order[0]?.descending)
  if (plain) {
    const left = sql`(${join(keys, ', ', sql`null`)})`
    const right = sql`(${join(values, ', ', sql`null`)})`
    return [order[0]?.descending === true ? sql`${left} < ${right}` : sql`${left} > ${right}`]
  }
  return order.flatMap((of, i) => {
    const equal = keys.slice(0, i).map((key, j) => (nulls[j] === true ? sql`${key} is null` : sql`${key} = ${values[j] ?? sql`null`}`))
    return beyond(of, keys[i], values[i], nulls[i]).map((range) => join([...equal, range], ' and ', range))
  })
}

/** The ranges of one key that come after a value. Ascending, missing values come last; descending, first. */
function beyond(order: OrderKey, key: Sql | undefined, value: Sql | undefined, isNull: boolean | undefined): readonly Sql[] {
  if (key === undefined || value === undefined) throw new Error('a cursor has a value for each sort key')
  if (isNull === true) return order.descending ? [sql`${key} is not null`] : []
  const range = order.descending ? sql`${key} < ${value}` : sql`${key} > ${value}`
  return order.nullable && !order.descending ? [range, sql`${key} is null`] : [range]
}

/**
 * The stored vector finds the rows; where some searched field is hidden, the visible words alone must match too. Search has no negation, so
 * the first contains the second.
 */
export function searchSql(model: Model, search: SearchPlan | null, { alias, slots }: PagePlace): readonly Sql[] {
  if (search === null) return []
  const config = sql`${literal(search.language)}::regconfig`
  const query = sql`plainto_tsquery(${config}, ${slot(`${slots}search`, 'text')})`
  const row = alias === 't' ? sql`t` : ident(alias)
  const found = sql`${row}."search_vector" @@ ${query}`
  if (search.exact) return [found]
  const scope: SqlScope = rowScope(model, ident(alias))
  const words = search.fields
    .filter((f) => !isNever(f.visible))
    .map(({ field, visible }) => {
      const column = sql`coalesce(${searchedText(field, row)}, '')`
      return isAlways(visible) ? column : sql`case when ${whenTrue(visible, scope)} then ${column} else '' end`
    })
  return [
    found,
    sql`to_tsvector(${config}, ${join(
      words.flatMap((w, i) => (i === 0 ? [w] : [sql`' '`, w])),
      ' || ',
      sql`''`,
    )}) @@ ${query}`,
  ]
}
