/** SQL that all statements for pages of rows share: the order, the start of a page, the cursor of a row, and full-text search. */

import { isoText } from '../../base/sql/iso-text.ts'
import { ident, join, literal, numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
import { rootRow, scalarType, type Term } from '../../model/expression.ts'
import { type Entity, fieldNamed, type Model, storedScalar } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import { SCALARS } from '../../model/scalar.ts'
import { hiddenUnlessSql, shownSql } from '../rules/hidden-value.ts'
import { rowScope } from '../rules/predicate-sql.ts'
import { termSql } from '../rules/term-sql.ts'
import { searchedText } from '../tables/columns.ts'
import type { OrderKey, SearchPlan } from './plan.ts'

/** Column that numbers the rows of a page; no field can have this name. */
export const PLACE = ident('#place')

/** The alias of the rows of a page, and the prefix of its slot keys. */
export interface PagePlace {
  readonly alias: string
  readonly slots: string
}

/** The order of a list by default: by `id`. */
export function idOrder(entity: Entity): OrderKey {
  const { type } = fieldNamed(entity, 'id')
  const term: Term = { kind: 'field', row: rootRow(entity.name), field: 'id', type: scalarType(storedScalar(type)) }
  return { name: 'id', term, descending: false, nullable: false }
}

/** The sort keys of the row under `alias`. */
export function orderTerms(model: Model, order: readonly OrderKey[], alias: string): readonly Sql[] {
  const scope = rowScope(model, ident(alias))
  return order.map((key) => termSql(key.term, scope))
}

/** The text after `order by`. */
export function orderBy(order: readonly OrderKey[], keys: readonly Sql[]): Sql {
  return join(
    keys.map((key, i) => (order[i]?.descending === true ? sql`${key} desc` : key)),
    ', ',
    sql`1`,
  )
}

/** The sort keys in the form of a cursor: texts that PostgreSQL reads as the same values under all settings of a session. */
export function keyTexts(order: readonly OrderKey[], keys: readonly Sql[]): Sql {
  return join(
    keys.map((key, i) => (order[i]?.term.type.scalar === 'timestamp' ? isoText(key) : sql`(${key})::text`)),
    ', ',
    sql`null`,
  )
}

/** The name of an order. Every cursor of the order starts with it. */
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

/** The parts of a query for one page. */
export interface PageRows {
  readonly alias: Sql
  /** `from … where …` of the rows of all pages. */
  readonly all: Sql
  readonly order: readonly OrderKey[]
  /** The sort keys of the row under `alias`. */
  readonly keys: readonly Sql[]
  /** For a later page: which values of the cursor are null, and the prefix of their slot keys. */
  readonly after: { readonly nulls: readonly boolean[]; readonly slots: string } | null
  readonly limit: number
}

/**
 * The rows of a page, in order, by keyset paging: a page starts after the last row of the page before. The rows after a cursor are one
 * range of the order's index. They are several ranges if keys may be missing or have different directions; then at most one page is read
 * from each range.
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

/** The disjoint ranges of the order after a cursor; one row comparison where the keys allow it. */
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

/** The ranges of one key that come after a value. Missing values come last in ascending order, and first in descending order. */
function beyond(order: OrderKey, key: Sql | undefined, value: Sql | undefined, isNull: boolean | undefined): readonly Sql[] {
  if (key === undefined || value === undefined) throw new Error('a cursor has a value for each sort key')
  if (isNull === true) return order.descending ? [sql`${key} is not null`] : []
  const range = order.descending ? sql`${key} < ${value}` : sql`${key} > ${value}`
  return order.nullable && !order.descending ? [range, sql`${key} is null`] : [range]
}

/**
 * The stored vector finds the rows. If a searched field is hidden, the visible words alone must match too. Search has no negation, so every
 * row whose visible words match is also found by the stored vector.
 */
export function searchSql(model: Model, search: SearchPlan | null, { alias, slots }: PagePlace): readonly Sql[] {
  if (search === null) return []
  const config = sql`${literal(search.language)}::regconfig`
  const query = sql`plainto_tsquery(${config}, ${slot(`${slots}search`, 'text')})`
  const row = alias === 't' ? sql`t` : ident(alias)
  const found = sql`${row}."search_vector" @@ ${query}`
  if (search.exact) return [found]
  const words = search.fields
    .filter((f) => !isNever(f.visible))
    .map(({ field, visible }) => {
      const column = sql`coalesce(${searchedText(field, row)}, '')`
      return hiddenUnlessSql(shownSql(model, visible, alias), column, sql`''`)
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
