/** The statement that reads the row of an event as one kind of caller may read it. */

import { ident, join, type Sql, sql } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import type { Model } from '../../model/model.ts'
import { isAlways, isNever } from '../../model/predicate.ts'
import type { ModelEvent, Reaction } from '../../model/reaction.ts'
import { hiddenUnlessSql } from '../rules/hidden-value.ts'
import { whenTrue } from '../rules/predicate-sql.ts'
import { type View, viewOf } from '../rules/view.ts'
import { jsonColumn } from '../statements/json/json-sql.ts'
import { eventFrame } from './reaction-values.ts'

const ROW = ident('@row')

/**
 * The statement; null if the caller may read no such row. It gets the slots of `eventFrame` and those of the caller, and gives the JSON of
 * the named fields, or no row. A field that the caller may not read on this row is null, and one that it may read on no row is left out.
 */
export function eventDataStatement(
  model: Model,
  {
    event,
    reaction,
    fields,
  }: { readonly event: ModelEvent; readonly reaction: Pick<Reaction, 'name'>; readonly fields: readonly string[] },
  view: View,
): Statement | null {
  const { read, readable } = viewOf(view, event.entity)
  const shown = [...readable.values()].filter(({ field }) => fields.includes(field.name))
  if (isNever(read) || shown.length === 0) return null
  const { from, scope } = eventFrame(model, event)
  const values = shown.map(({ field, rule }): Sql => {
    const value = jsonColumn(field, sql`${ROW}.${ident(field.column)}`)
    return sql`${hiddenUnlessSql(isAlways(rule) ? null : whenTrue(rule, scope), value)} as ${ident(field.name)}`
  })
  return {
    name: `reaction ${reaction.name}`,
    sql: sql`select (select row_to_json(r)::text from (select ${join(values, ', ', sql``)}) r) from ${from} where ${whenTrue(read, scope)}`,
    merge: 'lateral',
  }
}
