/** The statement that reads the only field of a GraphQL query as columns. */

import { endBytes, openBytes } from '../../../base/bytes/byte-writer.ts'
import { asUtf8, type Utf8 } from '../../../base/bytes/utf8.ts'
import { ident, join, sql } from '../../../base/sql/sql.ts'
import { MAX_ANSWER_BYTES, type ResultReader, type Statement } from '../../../base/sql/statement.ts'
import { unreachable } from '../../../base/unreachable.ts'
import type { Model } from '../../../model/model.ts'
import type { Output, QueryPlan, QueryRoot } from '../plan.ts'
import { mostBytes } from '../row-bytes.ts'
import { rootWhere } from '../statement-query.ts'
import { connectionColumns } from './connection-columns.ts'
import { outputColumns } from './output-columns.ts'
import type { Piece } from './shape.ts'
import { rowWriter } from './write-row.ts'

/**
 * The statement of a query of one field. Its result is the JSON of the field, or null when that is too large to send.
 *
 * @returns null for a query of several fields, and when columns do not cover the field.
 */
export function queryColumns(model: Model, { roots }: QueryPlan): Statement<Utf8 | null> | null {
  const [root] = roots
  if (root === undefined || roots.length > 1) return null
  switch (root.kind) {
    case 'row':
      return rowColumns(model, root)
    case 'rows':
      return connectionColumns(model, root.connection)
    default:
      return unreachable(root)
  }
}

function rowColumns(model: Model, root: Extract<QueryRoot, { kind: 'row' }>): Statement<Utf8 | null> | null {
  if (mostBytes(root.output) > MAX_ANSWER_BYTES && !isStoredRow(root.output)) return null
  const output = outputColumns(model, root.output, 't')
  if (output === null) return null
  const columns = join(output.columns, ', ', sql`null`)
  return {
    name: 'query',
    sql: sql`select ${columns} from ${ident(root.output.entity.table)} t${output.joins} where ${rootWhere(model, root, 't')}`,
    merge: 'lateral',
    read: rowReader(output.pieces),
  }
}

/** Whether an output shows only fields of one row, each once. Then it is not much larger than the row, whose size has a limit. */
function isStoredRow({ fields, includes }: Output): boolean {
  return includes.length === 0 && new Set(fields.map(({ field }) => field)).size === fields.length
}

const NO_ROW = asUtf8('null')

/** Reads at most one row. Without a row, the result is JSON's null. */
function rowReader(pieces: readonly Piece[]): ResultReader<Utf8 | null> {
  const openRows = rowWriter(pieces)
  return {
    open() {
      let json: Utf8 | null = NO_ROW
      return {
        add(row, at) {
          const out = openBytes()
          openRows()(out, row, at)
          const written = endBytes(out)
          json = written.length <= MAX_ANSWER_BYTES ? written : null
        },
        end: () => json,
      }
    },
    size: (json) => json?.length ?? 0,
  }
}
