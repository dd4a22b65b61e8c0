/** The query of a page as columns, with one result row for each row of the page. Lists of REST and connections of GraphQL share it. */

import { empty, ident, join, numberLiteral, type Sql, sql } from '../../../base/sql/sql.ts'
import { MAX_ANSWER_BYTES } from '../../../base/sql/statement.ts'
import type { Field, Model } from '../../../model/model.ts'
import { isAlways } from '../../../model/predicate.ts'
import type { ScalarKind } from '../../../model/scalar.ts'
import { orderTerms, pageRows } from '../page-sql.ts'
import type { ConnectionPlan, ListPlan, OrderKey, Output, OutputField } from '../plan.ts'
import { mostBytes } from '../row-bytes.ts'
import { filterSql } from '../statement-read.ts'
import type { OutputColumns } from './output-columns.ts'
import type { KeyColumn, KeyKind } from './shape.ts'

/** A page that is read as columns. */
export interface ColumnsPage {
  readonly plan: ListPlan | ConnectionPlan
  /** The start of the keys of its slots. */
  readonly slots: string
  /** The columns of its rows, under the alias `t`. */
  readonly output: OutputColumns
  /** The fields whose bytes PostgreSQL counts; see `measuredFields`. */
  readonly measured: readonly Field[]
  /** The most rows that it returns. */
  readonly limit: number
  /** Whether the sort keys of its rows are needed. */
  readonly keyed: boolean
}

/** The query of a page, and the columns of the sort keys. */
export function pageColumns(
  model: Model,
  { plan, slots, output, measured, limit, keyed }: ColumnsPage,
): { readonly query: Sql; readonly keys: readonly KeyColumn[] } {
  const keys = orderTerms(model, plan.order, 't')
  const found = pageRows({
    alias: sql`t`,
    all: sql`from ${ident(plan.entity.table)} t where ${filterSql(model, plan, slots)}`,
    order: plan.order,
    keys,
    after: plan.after === null ? null : { nulls: plan.after, slots },
    limit,
  })
  const columns = [...output.columns]
  const keyColumns = (keyed ? plan.order : []).map((key, i): KeyColumn => {
    const { as, value } = keyColumn(key, keys[i] ?? sql`null`)
    const shown = plainField(key, output.plain)
    return { column: shown ?? columns.push(value) - 1, as }
  })
  // `offset 0` keeps a merged statement from joining calls and rows in another order: the rows of a call must come together.
  const ending = measured.length === 0 ? empty : sql` where t."#before" < ${numberLiteral(MAX_ANSWER_BYTES)}`
  const query = sql`select ${join(columns, ', ', sql`null`)} from ${cutRows(found, measured)}${output.joins}${ending} offset 0`
  return { query, keys: keyColumns }
}

/**
 * The fields whose bytes PostgreSQL counts, so that it does not send more rows than the page can contain. Empty when no page can be too
 * large. Null when the other parts of the rows alone could make a page too large.
 *
 * @param size the most rows of the page.
 */
export function measuredFields(output: Output, size: number): readonly Field[] | null {
  if (size * (mostBytes(output) + 1) <= MAX_ANSWER_BYTES) return []
  const isMeasured = ({ field, visible, spelled }: OutputField) =>
    field.type.kind === 'scalar' && field.type.scalar === 'text' && isAlways(visible) && spelled === undefined
  const others = { ...output, fields: output.fields.filter((field) => !isMeasured(field)) }
  return size * (mostBytes(others) + 1) <= MAX_ANSWER_BYTES ? output.fields.filter(isMeasured).map(({ field }) => field) : null
}

/**
 * The rows of a page. If `fields` are counted, `#before` has the bytes of the rows before each row. The JSON of a text is at least as long
 * as the text. So if these bytes are too many, the page has ended before that row. PostgreSQL has the length of a stored text without
 * reading the text.
 */
function cutRows(found: Sql, fields: readonly Field[]): Sql {
  if (fields.length === 0) return sql`(${found}) t`
  const lengths = fields.map(({ column }) => sql`coalesce(octet_length(t.${ident(column)}), 0)::bigint`)
  const before = sql`sum(${join(lengths, ' + ', sql`0`)}) over (rows between unbounded preceding and 1 preceding)`
  return sql`(select t.*, coalesce(${before}, 0) as "#before" from (${found}) t) t`
}

/** The column of the answer that holds the sort key, if there is one. */
function plainField({ term }: OrderKey, plain: ReadonlyMap<string, number>): number | undefined {
  return term.kind === 'field' && term.row.hops.length === 0 ? plain.get(term.field) : undefined
}

const KEY_KINDS: Partial<Record<ScalarKind, readonly [KeyKind, Sql]>> = {
  uuid: ['uuid', sql`uuid`],
  integer: ['integer', sql`bigint`],
  boolean: ['boolean', sql`boolean`],
  timestamp: ['timestamp', sql`timestamptz`],
}

/** A sort key as a column: like the column of a field with the same type. */
function keyColumn({ term }: OrderKey, key: Sql): { readonly as: KeyKind; readonly value: Sql } {
  const [as, type] = KEY_KINDS[term.type.scalar] ?? ['text', sql`text`]
  return { as, value: sql`(${key})::${type}` }
}
