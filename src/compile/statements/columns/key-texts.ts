/** Reads the sort keys of a cursor from a row in PostgreSQL's binary format. */

import { writeTimestampText } from '../../../base/bytes/timestamp-bytes.ts'
import { unreachable } from '../../../base/unreachable.ts'
import type { KeyColumn, KeyKind } from './shape.ts'
import { columnAt } from './write-row.ts'

/** The sort keys of the row whose first column begins at offset `at`, as PostgreSQL writes them as text. */
export function keyTextsOf(keys: readonly KeyColumn[], row: Buffer, at: number): readonly (string | null)[] {
  return keys.map(({ column, as }) => {
    const begin = columnAt(row, at, column)
    const length = row.readInt32BE(begin)
    return length < 0 ? null : keyText(as, row, begin + 4, length)
  })
}

function keyText(as: KeyKind, row: Buffer, at: number, length: number): string | null {
  switch (as) {
    case 'text':
    case 'characters':
    case 'json':
      return row.toString('utf8', at, at + length)
    case 'boolean':
      return row[at] === 0 ? 'false' : 'true'
    case 'integer':
      return String(row.readBigInt64BE(at))
    case 'uuid':
      return row.toString('hex', at, at + length).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    case 'timestamp':
      return timestampText(row, at)
    default:
      return unreachable(as)
  }
}

/** Null for an infinite timestamp, as `to_char` gives null. */
function timestampText(row: Buffer, at: number): string | null {
  const out = { bytes: Buffer.allocUnsafe(32), length: 0 }
  return writeTimestampText(out, row, at) ? out.bytes.toString('latin1', 0, out.length) : null
}
