/** The statement that reads a page as columns, one row of the page a row, and the reader that writes its JSON. */

import type { Utf8 } from '../../../base/bytes/utf8.ts'
import { ident, join, type Sql, sql } from '../../../base/sql/sql.ts'
import { MAX_ANSWER_BYTES, type Statement } from '../../../base/sql/statement.ts'
import type { Model } from '../../../model/model.ts'
import type { ScalarKind } from '../../../model/scalar.ts'
import { orderTerms, pageRows } from '../page-sql.ts'
import { pinReferences } from '../pinned-references.ts'
import type { ListPlan, OrderKey } from '../plan.ts'
import { mostBytes } from '../row-bytes.ts'
import type { ListedPage } from '../row-columns.ts'
import { filterSql } from '../statement-read.ts'
import { outputColumns } from './output-columns.ts'
import { pageReader } from './page-reader.ts'
import type { KeyColumn, KeyKind } from './shape.ts'

/** The statement of a list; null when columns do not cover its plan. */
export function listColumns(model: Model, plan: ListPlan): Statement<ListedPage<Utf8>> | null {
  if (plan.count) return null
  // PostgreSQL cuts a page that could be too large, so that the rest of it is not sent.
  if (plan.size * (mostBytes(plan.output) + 1) > MAX_ANSWER_BYTES) return null
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
  return {
    name: `list ${plan.entity.name}`,
    sql: sql`select ${join(columns, ', ', sql`null`)} from (${found}) t${output.joins}`,
    merge: 'lateral',
    read: pageReader(shape, plan.size),
  }
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
