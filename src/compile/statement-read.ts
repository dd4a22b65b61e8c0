/** The statements that only read: get and list. */

import { empty, ident, join, number, slot, sql } from '../base/sql.ts'
import type { Statement } from '../base/statement.ts'
import type { Model } from '../model/model.ts'
import { fieldNamed, storedScalar } from '../model/model.ts'
import { SCALARS } from '../model/scalar.ts'
import { outputSql, rowsWhere } from './output-sql.ts'
import { afterSql, keyTexts, orderBy, orderTerms, searchSql } from './page-sql.ts'
import type { GetPlan, ListPlan } from './plan.ts'
import { rowScope, whenTrue } from './predicate-sql.ts'
import { isAlways } from './view.ts'

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
      ...searchSql(model, plan.search, { alias: 't', slots: '' }),
    ],
    ' and ',
    sql`true`,
  )
  const keys = orderTerms(model, plan.order, 't')
  const after = plan.after === null ? empty : sql` and (${afterSql(plan.order, keys, { nulls: plan.after, slots: '' })})`
  const size = number(plan.size)
  const rows = sql`select ${outputSql(model, plan.output, 't')} as o, json_build_array(${keyTexts(plan.order, keys)}) as k from ${table} t where ${filter}${after} order by ${orderBy(plan.order, keys)} limit ${number(plan.size + 1)}`
  const page = sql`select coalesce(json_agg(p.o) filter (where p.n <= ${size}), '[]')::text as data, (case when count(*) > ${size} then max(p.k::text) filter (where p.n = ${size}) end) as next from (select r.o, r.k, row_number() over () as n from (${rows}) r) p`
  return {
    name: `list ${plan.entity.name}`,
    sql: plan.count ? sql`select l.data, l.next, (select count(*) from ${table} t where ${filter})::text as count from (${page}) l` : page,
    merge: 'lateral',
  }
}
