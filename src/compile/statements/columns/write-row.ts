/** Writes the JSON of a row by its shape, from a row in PostgreSQL's binary format. */

import { type ByteWriter, copyBytes, writeBytes } from '../../../base/bytes/byte-writer.ts'
import {
  writeBoolean,
  writeCharacters,
  writeInteger,
  writeNull,
  writeText,
  writeTexts,
  writeTimestamp,
  writeUuid,
} from '../../../base/bytes/json-bytes.ts'
import { unreachable } from '../../../base/unreachable.ts'
import { type ColumnKind, columnCount, type Piece } from './shape.ts'

/** Writes a row, or a part of it, whose first column begins at offset `at`. Returns the offset after its last column. */
export type WriteRow = (out: ByteWriter, row: Buffer, at: number) => number

/** Writes a column that is not null. */
type WriteColumn = (out: ByteWriter, row: Buffer, at: number, length: number) => void

const COLUMN_WRITERS = {
  text: writeText,
  characters: writeCharacters,
  json: copyBytes,
  integer: writeInteger,
  boolean: writeBoolean,
  timestamp: writeTimestamp,
  uuid: writeUuid,
  texts: writeTexts,
} as const satisfies Record<ColumnKind, WriteColumn>

/** Makes the writer of the pieces of a shape. */
export function rowWriter(pieces: readonly Piece[]): WriteRow {
  const writers = pieces.map(pieceWriter)
  return (out, row, begin) => {
    let at = begin
    for (const write of writers) at = write(out, row, at)
    return at
  }
}

function pieceWriter(piece: Piece): WriteRow {
  switch (piece.kind) {
    case 'literal': {
      const constant = Buffer.from(piece.text)
      return (out, _, at) => {
        writeBytes(out, constant)
        return at
      }
    }
    case 'column':
      return columnWriter(COLUMN_WRITERS[piece.as])
    case 'object':
      return objectWriter(piece.pieces)
    default:
      return unreachable(piece)
  }
}

/** The number of bytes that hold the length of a column. */
const LENGTH_BYTES = 4

function columnWriter(write: WriteColumn): WriteRow {
  return (out, row, at) => {
    const length = row.readInt32BE(at)
    const from = at + LENGTH_BYTES
    if (length < 0) {
      writeNull(out)
      return from
    }
    write(out, row, from, length)
    return from + length
  }
}

function objectWriter(pieces: readonly Piece[]): WriteRow {
  const write = rowWriter(pieces)
  const others = columnCount(pieces)
  return (out, row, at) => {
    const from = at + LENGTH_BYTES
    const length = row.readInt32BE(at)
    if (length > 0 && row[from] !== 0) return write(out, row, from + length)
    writeNull(out)
    return columnAt(row, from + Math.max(0, length), others)
  }
}

/** The offset of the column that is `count` columns after the column at `at`. */
export function columnAt(row: Buffer, at: number, count: number): number {
  let offset = at
  for (let i = 0; i < count; i++) offset += LENGTH_BYTES + Math.max(0, row.readInt32BE(offset))
  return offset
}
