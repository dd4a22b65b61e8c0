/** The statements that only read: get and list. */

import { empty, ident, join, numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
import { MAX_ANSWER_BYTES, type Statement } from '../../base/sql/statement.ts'
import type { Model } from '../../model/model.ts'
import { fieldNamed, storedScalar } from '../../model/model.ts'
import { SCALARS } from '../../model/scalar.ts'
import { pageWhere } from '../rules/where-sql.ts'
import { boundedBody, hasByteRoom, hasLists, restartCount, withinRoom } from './answer-meter.ts'
import { arrayText } from './json/json-text.ts'
import { outputSql, rowsWhere } from './output-sql.ts'
import { keyTexts, orderTerms, PLACE, pageRows, searchSql } from './page-sql.ts'
import { pinReferences } from './pinned-references.ts'
import { type ConnectionPlan, computes, type GetPlan, type ListPlan, type Output } from './plan.ts'
import { mostBytes } from './row-bytes.ts'
import { GOT, LISTED, selectList } from './row-columns.ts'

/** Reads one row by its id. Returns the columns of `GOT`, or no row when the caller may read no such row. */
export function getStatement(model: Model, plan: GetPlan): Statement {
  const where = getWhere(model, plan)
  if (plan.together) return togetherStatement(model, plan, where)
  const columns = selectList(GOT, { body: sql`${outputSql(model, plan.output, 't')} as body`, version: sql`t."version"` })
  const row = sql`select ${columns} from ${ident(plan.entity.table)} t where ${where}`
  // A single row is no larger than the request that wrote it. `offset 0` keeps the body from being built twice.
  const boundedColumns = selectList(GOT, { body: sql`${withinRoom(sql`g.body`)} as body`, version: sql`g."version"` })
  const bounded =
    plan.output.includes.length === 0 && !computes(plan.output)
      ? row
      : sql`select ${boundedColumns} from (${row} offset 0) g${endOfCall(plan.output)}`
  return { name: `get ${plan.entity.name}`, sql: bounded, merge: 'lateral', json: ['body'] }
}

/** The condition on the row of a get, under the alias `t`. */
export function getWhere(model: Model, { entity, visible }: GetPlan): Sql {
  const id = fieldNamed(entity, 'id')
  const isRow = sql`t.${ident(id.column)} = ${slot('id', SCALARS[storedScalar(id.type)].column)}`
  return sql`${isRow} and ${rowsWhere(model, entity, { alias: 't', holds: visible })}`
}

/** Reads one row of several that one answer holds. */
function togetherStatement(model: Model, plan: GetPlan, where: Sql): Statement {
  const body = boundedBody(outputSql(model, plan.output, 't'), 'of-all')
  const columns = selectList(GOT, { body: sql`${body} as body`, version: sql`t."version"` })
  return {
    name: `get ${plan.entity.name}`,
    sql: sql`select ${columns} from ${ident(plan.entity.table)} t where ${where}`,
    merge: 'lateral',
    json: ['body'],
  }
}

function endOfCall(output: Output): Sql {
  return hasLists(output) ? sql` where ${restartCount}` : empty
}

/**
 * Reads one page: one row with the columns of `LISTED`. It reads one row more than the page, which tells whether there is a next
 * page. It starts at a cursor and skips no rows, so each page costs the same at any depth.
 */
export function listStatement(model: Model, plan: ListPlan): Statement {
  const keys = orderTerms(model, plan.order, 't')
  const after = plan.after === null ? null : { nulls: plan.after, slots: '' }
  const all = sql`from ${ident(plan.entity.table)} t where ${filterSql(model, plan, '')}`
  const found = pageRows({ alias: sql`t`, all, order: plan.order, keys, after, limit: plan.size + 1 })
  const rows = sql`select t.*, row_number() over () as ${PLACE} from (${found}) t`
  const output = pinReferences(plan.output, plan.filter)
  const last = sql`json_build_array(${keyTexts(plan.order, keys)})::text`
  const parts: PageParts = { rows, row: outputSql(model, output, 't'), last, counts: hasLists(output) }
  const page = plan.size * (mostBytes(output) + 1) <= MAX_ANSWER_BYTES ? wholePage(plan.size, parts) : cutPage(plan.size, parts)
  const columns = selectList(LISTED, {
    data: sql`${withinRoom(sql`l.data`)} as data`,
    next: sql`l.next`,
    count: plan.count ? sql`(select count(*) ${all})::text as count` : null,
  })
  return {
    name: `list ${plan.entity.name}`,
    sql: sql`select ${columns} from (${page}) l${endOfCall(plan.output)}`,
    merge: 'lateral',
    json: ['data'],
  }
}

/** The condition on the rows of a list or a connection, under the alias `t`. The keys of its slots start with `slots`. */
export function filterSql(model: Model, { entity, visible, filter, search }: ListPlan | ConnectionPlan, slots: string): Sql {
  const conditions = [
    ...pageWhere(model, entity, { alias: 't', holds: [visible, filter] }),
    ...searchSql(model, search, { alias: 't', slots }),
  ]
  return join(conditions, ' and ', sql`true`)
}

interface PageParts {
  /** The rows of the page and one more, under the alias `t`. */
  readonly rows: Sql
  /** The JSON of a row. */
  readonly row: Sql
  /** The keys of a cursor after a row. */
  readonly last: Sql
  /** Whether a row has lists, which are counted. */
  readonly counts: boolean
}

/** A page that cannot be too large. JSON is made only for the rows that are sent, and cursor keys only for the last of them. */
function wholePage(most: number, { rows, row, last }: PageParts): Sql {
  const size = numberLiteral(most)
  const data = arrayText(sql`string_agg(${row}, ',') filter (where t.${PLACE} <= ${size})`)
  const next = sql`max(${last}) filter (where t.${PLACE} = ${size})`
  return sql`select ${data} as data, (case when count(*) > ${size} then ${next} end) as next from (${rows}) t`
}

/** A page that ends before the first row that does not fit, so that rows of any size can be listed. */
function cutPage(most: number, { rows, row, last, counts }: PageParts): Sql {
  const size = numberLiteral(most)
  // Once the lists inside of rows have as many bytes as an answer, no further row is made.
  const isMade = sql`t.${PLACE} <= ${size}${counts ? sql` and ${hasByteRoom}` : empty}`
  const made = sql`select t.${PLACE} as place, ${last} as last, case when ${isMade} then ${row} end as o from (${rows}) t offset 0`
  const measured = sql`select made.*, sum(octet_length(made.o) + 1) over (rows unbounded preceding) as bytes from (${made}) made`
  const sent = sql`o.o is not null and (o.place = 1 or o.bytes < ${numberLiteral(MAX_ANSWER_BYTES)})`
  const data = arrayText(sql`string_agg(o.o, ',') filter (where ${sent})`)
  // `order by` inside this aggregate would sort the rows of the other aggregates, too.
  const next = sql`(array_agg(o.last) filter (where ${sent}))[count(*) filter (where ${sent})]`
  return sql`select ${data} as data, (case when count(*) > count(*) filter (where ${sent}) then ${next} end) as next from (${measured}) o`
}
