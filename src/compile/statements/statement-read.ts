/** The statements that only read: get and list. */

import { empty, ident, join, number, type Sql, slot, sql } from '../../base/sql/sql.ts'
import { MAX_ANSWER_BYTES, type Statement } from '../../base/sql/statement.ts'
import type { Model } from '../../model/model.ts'
import { fieldNamed, storedScalar } from '../../model/model.ts'
import { SCALARS } from '../../model/scalar.ts'
import { pageWhere } from '../rules/where-sql.ts'
import { arrayText } from './json-text.ts'
import { outputSql, rowsWhere } from './output-sql.ts'
import { keyTexts, orderTerms, PLACE, pageRows, searchSql } from './page-sql.ts'
import { pinReferences } from './pinned-references.ts'
import type { GetPlan, ListPlan } from './plan.ts'

/** Columns: the row's JSON (null when it is too large to send) and its version. No row when there is none that the caller may see. */
export function getStatement(model: Model, plan: GetPlan): Statement {
  const id = fieldNamed(plan.entity, 'id')
  const where = sql`t.${ident(id.column)} = ${slot('id', SCALARS[storedScalar(id.type)].column)} and ${rowsWhere(model, plan.entity, { alias: 't', holds: plan.visible })}`
  const row = sql`select ${outputSql(model, plan.output, 't')} as body, t."version" from ${ident(plan.entity.table)} t where ${where}`
  // A row by itself is no larger than the request that wrote it. `offset 0` keeps the body from being built twice.
  const bounded =
    plan.output.includes.length === 0 ? row : sql`select ${withinBytes(sql`g.body`)} as body, g."version" from (${row} offset 0) g`
  return { name: `get ${plan.entity.name}`, sql: bounded, merge: 'lateral', json: ['body'] }
}

function withinBytes(text: Sql): Sql {
  return sql`case when octet_length(${text}) <= ${number(MAX_ANSWER_BYTES)} then ${text} end`
}

/**
 * Columns: the page as a JSON array (null when it is too large to send), the sort keys of its last row as a JSON array of texts when there
 * is a next page, and the count when it was asked for. Reads one row more than the page to know whether there is a next one; the page never
 * starts with a count of skipped rows, so depth costs nothing.
 */
export function listStatement(model: Model, plan: ListPlan): Statement {
  const table = ident(plan.entity.table)
  const filter = join(
    [
      ...pageWhere(model, plan.entity, { alias: 't', holds: [plan.visible, plan.filter] }),
      ...searchSql(model, plan.search, { alias: 't', slots: '' }),
    ],
    ' and ',
    sql`true`,
  )
  const keys = orderTerms(model, plan.order, 't')
  const after = plan.after === null ? null : { nulls: plan.after, slots: '' }
  const all = sql`from ${table} t where ${filter}`
  const size = number(plan.size)
  const rows = sql`select t.*, row_number() over () as ${PLACE} from (${pageRows({ alias: sql`t`, all, order: plan.order, keys, after, limit: plan.size + 1 })}) t`
  // The JSON of a row and the keys of a cursor are made for the rows that are sent, and for the last of them.
  const page = sql`select ${arrayText(sql`string_agg(${outputSql(model, pinReferences(plan.output, plan.filter), 't')}, ',') filter (where t.${PLACE} <= ${size})`)} as data, (case when count(*) > ${size} then max(json_build_array(${keyTexts(plan.order, keys)})::text) filter (where t.${PLACE} = ${size}) end) as next from (${rows}) t`
  const count = plan.count ? sql`, (select count(*) ${all})::text as count` : empty
  return {
    name: `list ${plan.entity.name}`,
    sql: sql`select ${withinBytes(sql`l.data`)} as data, l.next${count} from (${page}) l`,
    merge: 'lateral',
    json: ['data'],
  }
}
