/** The statements that only read: get and list. */

import { empty, ident, join, literal, number, type Sql, slot, sql } from '../base/sql.ts'
import type { Statement } from '../base/statement.ts'
import type { Model } from '../model/model.ts'
import { fieldNamed, storedScalar } from '../model/model.ts'
import { SCALARS } from '../model/scalar.ts'
import { outputSql, rowsWhere } from './output-sql.ts'
import type { GetPlan, ListPlan, OrderKey, SearchPlan } from './plan.ts'
import { rowScope, type SqlScope, whenTrue } from './predicate-sql.ts'
import { termSql } from './term-sql.ts'
import { isAlways, isNever } from './view.ts'

/** Columns: the row's JSON and its version. No row when there is none that the caller may see. */
export function getStatement(model: Model, plan: GetPlan): Statement {
  const id = fieldNamed(plan.entity, 'id')
  const where = sql`t.${ident(id.column)} = ${slot('id', SCALARS[storedScalar(id.type)].column)} and ${rowsWhere(model, plan.entity, { alias: 't', holds: plan.visible })}`
  return {
    name: `get ${plan.entity.name}`,
    sql: sql`select ${outputSql(model, plan.output, 't')}::text as body, t."version" from ${ident(plan.entity.table)} t where ${where}`,
    merge: 'lateral',
  }
}

/**
 * Columns: the page as a JSON array, the sort keys of its last row as a JSON array of texts when there is a next page, and the count when it was asked
 * for. Reads one row more than the page to know whether there is a next one; the page never starts with a count of skipped rows, so depth costs nothing.
 */
export function listStatement(model: Model, plan: ListPlan): Statement {
  const scope = rowScope(model, ident('t'))
  const table = ident(plan.entity.table)
  const filter = join(
    [
      rowsWhere(model, plan.entity, { alias: 't', holds: plan.visible }),
      ...(isAlways(plan.filter) ? [] : [sql`(${whenTrue(plan.filter, scope)})`]),
      ...searchSql(model, plan.search),
    ],
    ' and ',
    sql`true`,
  )
  const keys = plan.order.map((key) => termSql(key.term, scope))
  const after = plan.after === null ? empty : sql` and (${afterSql(plan.order, keys, plan.after)})`
  const order = join(
    keys.map((key, i) => (plan.order[i]?.descending === true ? sql`${key} desc` : key)),
    ', ',
    sql`1`,
  )
  const keyTexts = join(
    keys.map((key, i) => keyText(key, plan.order[i])),
    ', ',
    sql`null`,
  )
  const size = number(plan.size)
  const rows = sql`select ${outputSql(model, plan.output, 't')} as o, json_build_array(${keyTexts}) as k from ${table} t where ${filter}${after} order by ${order} limit ${number(plan.size + 1)}`
  const page = sql`select coalesce(json_agg(p.o) filter (where p.n <= ${size}), '[]')::text as data, (case when count(*) > ${size} then max(p.k::text) filter (where p.n = ${size}) end) as next from (select r.o, r.k, row_number() over () as n from (${rows}) r) p`
  return {
    name: `list ${plan.entity.name}`,
    sql: plan.count ? sql`select l.data, l.next, (select count(*) from ${table} t where ${filter})::text as count from (${page}) l` : page,
    merge: 'lateral',
  }
}

/** A sort key as it travels in a cursor: text that reads back as the same value, whatever the session's settings. */
function keyText(key: Sql, order: OrderKey | undefined): Sql {
  return order?.term.type.scalar === 'timestamp'
    ? sql`to_char(${key} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
    : sql`(${key})::text`
}

/** Rows that come after the cursor's values in the list's order (keyset paging). One row comparison where the keys allow it, since an index serves that best. */
function afterSql(order: readonly OrderKey[], keys: readonly Sql[], nulls: readonly boolean[]): Sql {
  const values = order.map((key, i) => slot(`after.${i}`, SCALARS[key.term.type.scalar].column))
  const plain = order.every((key, i) => !key.nullable && nulls[i] === false && key.descending === order[0]?.descending)
  if (plain) {
    const left = sql`(${join(keys, ', ', sql`null`)})`
    const right = sql`(${join(values, ', ', sql`null`)})`
    return order[0]?.descending === true ? sql`${left} < ${right}` : sql`${left} > ${right}`
  }
  const cases: Sql[] = []
  for (let i = 0; i < order.length; i++) {
    const equal = keys.slice(0, i).map((key, j) => (nulls[j] === true ? sql`${key} is null` : sql`${key} = ${values[j] ?? sql`null`}`))
    cases.push(sql`(${join([...equal, beyond(order[i], keys[i], values[i], nulls[i])], ' and ', sql`true`)})`)
  }
  return join(cases, ' or ', sql`false`)
}

function beyond(order: OrderKey | undefined, key: Sql | undefined, value: Sql | undefined, isNull: boolean | undefined): Sql {
  if (order === undefined || key === undefined || value === undefined) throw new Error('a cursor has a value for each sort key')
  if (order.descending) return isNull === true ? sql`${key} is not null` : sql`${key} < ${value}`
  if (isNull === true) return sql`false`
  return order.nullable ? sql`(${key} > ${value} or ${key} is null)` : sql`${key} > ${value}`
}

/** The stored vector finds the rows; where some searched field is hidden, the visible words alone must match too. Search has no negation, so the first contains the second. */
function searchSql(model: Model, search: SearchPlan | null): readonly Sql[] {
  if (search === null) return []
  const config = sql`${literal(search.language)}::regconfig`
  const query = sql`plainto_tsquery(${config}, ${slot('search', 'text')})`
  const found = sql`t."search_vector" @@ ${query}`
  if (search.exact) return [found]
  const scope: SqlScope = rowScope(model, ident('t'))
  const words = search.fields
    .filter((f) => !isNever(f.visible))
    .map(({ field, visible }) => {
      const column = sql`coalesce(t.${ident(field.column)}, '')`
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
