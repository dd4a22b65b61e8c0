/** The statement of a GraphQL query: one column per root field, each a scalar subquery, for documents of any depth. */

import { empty, ident, join, numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
import { MAX_ANSWER_BYTES, type Statement } from '../../base/sql/statement.ts'
import { fieldNamed, type Model, storedScalar } from '../../model/model.ts'
import { SCALARS } from '../../model/scalar.ts'
import { hasLists, outputsOf, restartCount } from './answer-meter.ts'
import { connectionSql, outputSql, rowsWhere } from './output-sql.ts'
import type { QueryPlan, QueryRoot } from './plan.ts'

/**
 * Returns one row with the JSON of each root field, in order; null for a row that does not exist or that the caller may not read. Returns
 * no row when the answer would be too large to send.
 */
export function queryStatement(model: Model, plan: QueryPlan): Statement {
  const names = plan.roots.map((_, i) => `f${i}`)
  const columns = plan.roots.map((root, i) => sql`${rootSql(model, root, `t${i}`)} as ${ident(`f${i}`)}`)
  const bytes = names.map((name) => sql`coalesce(octet_length(r.${ident(name)}), 0)::bigint`)
  // `offset 0` stops PostgreSQL from building the answer twice, to measure it and to send it.
  const size = join(bytes, ' + ', numberLiteral(0))
  const fits = sql`${size} <= ${numberLiteral(MAX_ANSWER_BYTES)}`
  // The count of a call ends whether its answer fits or not.
  const sent = plan.roots.some(hasInnerPages) ? sql`case when ${restartCount} then ${fits} end` : fits
  const bounded = sql`select r.* from (select ${join(columns, ', ', sql`null`)} offset 0) r where ${sent}`
  return { name: 'query', sql: bounded, merge: 'lateral', json: names }
}

function hasInnerPages(root: QueryRoot): boolean {
  return root.kind === 'row' ? hasLists(root.output) : outputsOf(root.connection).some(hasLists)
}

function rootSql(model: Model, root: QueryRoot, alias: string) {
  if (root.kind === 'rows') return connectionSql(model, root.connection, { alias, linked: empty })
  const { output } = root
  return sql`(select ${outputSql(model, output, alias)} from ${ident(output.entity.table)} ${ident(alias)} where ${rootWhere(model, root, alias)})`
}

/** The condition on the row of a root field, under an alias. */
export function rootWhere(model: Model, { id: key, visible, output }: Extract<QueryRoot, { kind: 'row' }>, alias: string): Sql {
  const { entity } = output
  const id = fieldNamed(entity, 'id')
  const isRow = sql`${ident(alias, id.column)} = ${slot(key, SCALARS[storedScalar(id.type)].column)}`
  return sql`${isRow} and ${rowsWhere(model, entity, { alias, holds: visible })}`
}
