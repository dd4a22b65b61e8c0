/** Writes the JSON of a connection while its rows arrive. */

import { endBytes, openBytes } from '../../../base/bytes/byte-writer.ts'
import { writeByte } from '../../../base/bytes/json-bytes.ts'
import { asUtf8, type Utf8 } from '../../../base/bytes/utf8.ts'
import { MAX_ANSWER_BYTES, type ResultReader, type RowReader } from '../../../base/sql/statement.ts'
import { unreachable } from '../../../base/unreachable.ts'
import { keyTextsOf } from './key-texts.ts'
import type { KeyColumn, Literal, RowShape } from './shape.ts'
import { type OpenRows, rowWriter } from './write-row.ts'

/** A part of the JSON of a connection. A literal is ASCII, as all names of GraphQL are. `items` is the array of its rows. */
export type ConnectionPart = Literal | { readonly kind: 'items' | 'hasNextPage' | 'startCursor' | 'endCursor' }

/** The JSON of a connection, apart from its rows. */
export interface ConnectionShape {
  readonly parts: readonly ConnectionPart[]
  /** The most items. */
  readonly size: number
  /** The name of its order, with which cursors begin. */
  readonly order: string
}

/** Reads connections. The result is null when the JSON is too large to send. */
export function connectionReader({ pieces, keys }: RowShape, shape: ConnectionShape): ResultReader<Utf8 | null> {
  const reading = { openRows: rowWriter(pieces), keys, shape }
  return { open: () => openConnection(reading), size: (json) => json?.length ?? 0 }
}

interface Reading {
  readonly openRows: OpenRows
  readonly keys: readonly KeyColumn[]
  readonly shape: ConnectionShape
}

/** A row, and the offset of its columns. */
interface PlacedRow {
  readonly row: Buffer
  readonly at: number
}

function openConnection({ openRows, keys, shape }: Reading): RowReader<Utf8 | null> {
  const write = openRows()
  const out = openBytes()
  let rows = 0
  let first: PlacedRow | null = null
  let last: PlacedRow | null = null
  const partOf = (part: ConnectionPart, items: Utf8): string => {
    switch (part.kind) {
      case 'literal':
        return part.text
      case 'items':
        return `[${items.octets}]`
      case 'hasNextPage':
        return String(rows > shape.size)
      case 'startCursor':
        return cursorOf(first)
      case 'endCursor':
        return cursorOf(last)
      default:
        return unreachable(part)
    }
  }
  const cursorOf = (placed: PlacedRow | null): string => {
    if (placed === null) return 'null'
    return `"${connectionCursor(shape.order, keyTextsOf(keys, placed.row, placed.at))}"`
  }
  return {
    add(row, at) {
      rows++
      if (rows > shape.size || out.length > MAX_ANSWER_BYTES) return
      if (rows > 1) writeByte(out, 0x2c)
      write(out, row, at)
      last = { row, at }
      first ??= last
    },
    end() {
      const isTooLarge = out.length > MAX_ANSWER_BYTES
      const items = endBytes(out)
      if (isTooLarge) return null
      let octets = ''
      for (const part of shape.parts) octets += partOf(part, items)
      const json = asUtf8(octets)
      return json.length <= MAX_ANSWER_BYTES ? json : null
    },
  }
}

/** A cursor as `cursorSql` of `page-sql.ts` writes it: PostgreSQL puts a space after each comma. */
function connectionCursor(order: string, keys: readonly (string | null)[]): string {
  const items = [order, ...keys].map((item) => JSON.stringify(item))
  return Buffer.from(`[${items.join(', ')}]`).toString('base64url')
}
