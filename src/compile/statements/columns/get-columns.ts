/** The statement that reads one row as columns, and the reader that writes its JSON. */

import { endBytes, openBytes } from '../../../base/bytes/byte-writer.ts'
import { integerText } from '../../../base/bytes/json-bytes.ts'
import type { Utf8 } from '../../../base/bytes/utf8.ts'
import { ident, join, sql } from '../../../base/sql/sql.ts'
import { MAX_ANSWER_BYTES, type ResultReader, type RowReader, type Statement } from '../../../base/sql/statement.ts'
import type { Model } from '../../../model/model.ts'
import type { GetPlan } from '../plan.ts'
import { mostBytes } from '../row-bytes.ts'
import type { GotRow } from '../row-columns.ts'
import { getWhere } from '../statement-read.ts'
import { outputColumns } from './output-columns.ts'
import type { Piece } from './shape.ts'
import { columnAt, type OpenRows, rowWriter } from './write-row.ts'

/** The statement of a get; null when columns do not cover the plan. Its result is null when the caller may read no row with the id. */
export function getColumns(model: Model, plan: GetPlan): Statement<GotRow<Utf8> | null> | null {
  if (plan.together) return null
  // A single row is no larger than the request that wrote it. If a row with its included rows could be too large, the text form checks the
  // size before it sends anything.
  if (plan.output.includes.length > 0 && mostBytes(plan.output) > MAX_ANSWER_BYTES) return null
  const output = outputColumns(model, plan.output, 't')
  if (output === null) return null
  const columns = join([sql`t."version"::bigint`, ...output.columns], ', ', sql`null`)
  return {
    name: `get ${plan.entity.name}`,
    sql: sql`select ${columns} from ${ident(plan.entity.table)} t${output.joins} where ${getWhere(model, plan)}`,
    merge: 'lateral',
    read: gotReader(output.pieces),
  }
}

/** Reads a row whose first column is its version, and whose other columns have a shape. */
function gotReader(pieces: readonly Piece[]): ResultReader<GotRow<Utf8> | null> {
  const openRows = rowWriter(pieces)
  return { open: () => openRow(openRows), size: (got) => got?.body?.length ?? 0 }
}

function openRow(openRows: OpenRows): RowReader<GotRow<Utf8> | null> {
  let got: GotRow<Utf8> | null = null
  return {
    add(row, at) {
      const isMissing = row.readInt32BE(at) < 0
      const out = openBytes()
      openRows()(out, row, columnAt(row, at, 1))
      got = { body: endBytes(out), version: isMissing ? null : integerText(row, at + 4) }
    },
    end: () => got,
  }
}
