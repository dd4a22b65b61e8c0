/** The statement that reads a page as columns, with one result row for each row of the page, and the reader that writes its JSON. */

import type { Utf8 } from '../../../base/bytes/utf8.ts'
import { empty, ident, join, numberLiteral, type Sql, sql } from '../../../base/sql/sql.ts'
import { MAX_ANSWER_BYTES, type Statement } from '../../../base/sql/statement.ts'
import type { Field, Model } from '../../../model/model.ts'
import { isAlways } from '../../../model/predicate.ts'
import type { ScalarKind } from '../../../model/scalar.ts'
import { orderTerms, pageRows } from '../page-sql.ts'
import { pinReferences } from '../pinned-references.ts'
import type { ListPlan, OrderKey, OutputField } from '../plan.ts'
import { mostBytes } from '../row-bytes.ts'
import type { ListedPage } from '../row-columns.ts'
import { filterSql } from '../statement-read.ts'
import { outputColumns } from './output-columns.ts'
import { pageReader } from './page-reader.ts'
import type { KeyColumn, KeyKind } from './shape.ts'

/** The statement of a list; null when columns do not cover its plan. */
export function listColumns(model: Model, plan: ListPlan): Statement<ListedPage<Utf8>> | null {
  if (plan.count) return null
  const measured = measuredFields(plan)
  if (measured === null) return null
  const output = outputColumns(model, pinReferences(plan.output, plan.filter), 't')
  if (output === null) return null
  const keys = orderTerms(model, plan.order, 't')
  const found = pageRows({
    alias: sql`t`,
    all: sql`from ${ident(plan.entity.table)} t where ${filterSql(model, plan)}`,
    order: plan.order,
    keys,
    after: plan.after === null ? null : { nulls: plan.after, slots: '' },
    limit: plan.size + 1,
  })
  const columns = [...output.columns]
  const keyColumns = plan.order.map((key, i): KeyColumn => {
    const { as, value } = keyColumn(key, keys[i] ?? sql`null`)
    const shown = plainField(key, output.plain)
    return { column: shown ?? columns.push(value) - 1, as }
  })
  const shape = { pieces: output.pieces, keys: keyColumns }
  // `offset 0` keeps a merged statement from joining calls and rows in another order: the rows of a call must come together.
  const ending = measured.length === 0 ? empty : sql` where t."#before" < ${numberLiteral(MAX_ANSWER_BYTES)}`
  return {
    name: `list ${plan.entity.name}`,
    sql: sql`select ${join(columns, ', ', sql`null`)} from ${cutRows(found, measured)}${output.joins}${ending} offset 0`,
    merge: 'lateral',
    read: pageReader(shape, plan.size),
  }
}

/**
 * The fields whose bytes PostgreSQL counts, so that it does not send more rows than the page can contain. Empty when no page can be too
 * large. Null when the other parts of the rows alone could make a page too large.
 */
function measuredFields({ output, size }: ListPlan): readonly Field[] | null {
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
