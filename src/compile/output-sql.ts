/** The JSON of a row, built by PostgreSQL. */

import { ident, join, number, type Sql, sql } from '../base/sql.ts'
import type { Predicate } from '../model/expression.ts'
import { type Entity, fieldNamed, type Model } from '../model/model.ts'
import { jsonColumn } from './json-sql.ts'
import type { Include, Output, OutputField } from './plan.ts'
import { rowScope, whenTrue } from './predicate-sql.ts'
import { isAlways } from './view.ts'

/**
 * The JSON object of the row under `alias`, as a scalar expression. Aliases of nested rows come from the depth, so equal outputs have equal text.
 * Hidden fields are null; the rows that an include may not see are absent.
 */
export function outputSql(model: Model, output: Output, alias: string): Sql {
  const columns = output.fields.map((f) => sql`${fieldSql(model, f, alias)} as ${ident(f.field.name)}`)
  const includes = output.includes.map((include) => sql`${includeSql(model, include, alias)} as ${ident(include.name)}`)
  return sql`(select row_to_json(j) from (select ${join([...columns, ...includes], ', ', sql`null as "id"`)}) j)`
}

/** The condition that a row of the entity under `alias` is there, not soft-deleted, and that the rule holds for it. */
export function rowsWhere(model: Model, entity: Entity, rule: { readonly alias: string; readonly holds: Predicate }): Sql {
  const { alias, holds } = rule
  const deletedAt = entity.fields.find((f) => f.system === 'deletedAt')
  const live = deletedAt === undefined ? [] : [sql`${ident(alias, deletedAt.column)} is null`]
  const allowed = isAlways(holds) ? [] : [sql`(${whenTrue(holds, rowScope(model, ident(alias)))})`]
  return join([...live, ...allowed], ' and ', sql`true`)
}

function fieldSql(model: Model, { field, visible }: OutputField, alias: string): Sql {
  const value = jsonColumn(field, ident(alias, field.column))
  return isAlways(visible) ? value : sql`case when ${whenTrue(visible, rowScope(model, ident(alias)))} then ${value} end`
}

function includeSql(model: Model, include: Include, outer: string): Sql {
  const alias = `${outer}_${include.name}`.slice(-60)
  const { output } = include
  const table = ident(output.entity.table)
  const visible = rowsWhere(model, output.entity, { alias, holds: include.visible })
  if (include.kind === 'to-one') {
    const followed = isAlways(include.refVisible) ? sql`` : sql` and (${whenTrue(include.refVisible, rowScope(model, ident(outer)))})`
    return sql`(select ${outputSql(model, output, alias)} from ${table} ${ident(alias)} where ${ident(alias, idColumn(output))} = ${ident(outer, include.field.column)} and ${visible}${followed})`
  }
  const rows = sql`select ${outputSql(model, output, alias)} as o from ${table} ${ident(alias)} where ${ident(alias, include.via.column)} = ${ident(outer, idColumn({ entity: targetOf(model, include) }))} and ${visible} order by ${ident(alias, idColumn(output))} limit ${number(include.limit)}`
  return sql`(select coalesce(json_agg(m.o), '[]') from (${rows}) m)`
}

function idColumn({ entity }: Pick<Output, 'entity'>): string {
  return fieldNamed(entity, 'id').column
}

function targetOf(model: Model, include: Extract<Include, { kind: 'to-many' }>) {
  const type = include.via.type
  if (type.kind !== 'ref') throw new Error(`${include.name} does not go through a reference`)
  const entity = model.entities.find((e) => e.name === type.entity)
  if (entity === undefined) throw new Error(`no entity ${type.entity}`)
  return entity
}
