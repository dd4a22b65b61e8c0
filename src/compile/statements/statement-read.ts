/** The statements that only read: get and list. */

import { ident, join, numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
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
import { GOT, LISTED, selectList } from './row-columns.ts'

/** Reads one row by its id. Returns the columns of `GOT`, or no row when the caller may read no such row. */
export function getStatement(model: Model, plan: GetPlan): Statement {
  const id = fieldNamed(plan.entity, 'id')
  const isRow = sql`t.${ident(id.column)} = ${slot('id', SCALARS[storedScalar(id.type)].column)}`
  const where = sql`${isRow} and ${rowsWhere(model, plan.entity, { alias: 't', holds: plan.visible })}`
  const columns = selectList(GOT, { body: sql`${outputSql(model, plan.output, 't')} as body`, version: sql`t."version"` })
  const row = sql`select ${columns} from ${ident(plan.entity.table)} t where ${where}`
  // A row without included rows is no larger than the request that wrote it. `offset 0` keeps the body from being built twice.
  const boundedColumns = selectList(GOT, { body: sql`${withinBytes(sql`g.body`)} as body`, version: sql`g."version"` })
  const bounded = plan.output.includes.length === 0 ? row : sql`select ${boundedColumns} from (${row} offset 0) g`
  return { name: `get ${plan.entity.name}`, sql: bounded, merge: 'lateral', json: ['body'] }
}

function withinBytes(text: Sql): Sql {
  return sql`case when octet_length(${text}) <= ${numberLiteral(MAX_ANSWER_BYTES)} then ${text} end`
}

/**
 * Reads one page: one row with the columns of `LISTED`. It reads one row more than the page, which tells whether there is a next
 * page. It starts at a cursor and skips no rows, so each page costs the same at any depth.
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
  const size = numberLiteral(plan.size)
  const found = pageRows({ alias: sql`t`, all, order: plan.order, keys, after, limit: plan.size + 1 })
  const rows = sql`select t.*, row_number() over () as ${PLACE} from (${found}) t`
  // JSON is made only for the rows that are sent, and cursor keys only for the last of them.
  const row = outputSql(model, pinReferences(plan.output, plan.filter), 't')
  const data = arrayText(sql`string_agg(${row}, ',') filter (where t.${PLACE} <= ${size})`)
  const last = sql`max(json_build_array(${keyTexts(plan.order, keys)})::text) filter (where t.${PLACE} = ${size})`
  const page = sql`select ${data} as data, (case when count(*) > ${size} then ${last} end) as next from (${rows}) t`
  const columns = selectList(LISTED, {
    data: sql`${withinBytes(sql`l.data`)} as data`,
    next: sql`l.next`,
    count: plan.count ? sql`(select count(*) ${all})::text as count` : null,
  })
  return {
    name: `list ${plan.entity.name}`,
    sql: sql`select ${columns} from (${page}) l`,
    merge: 'lateral',
    json: ['data'],
  }
}
