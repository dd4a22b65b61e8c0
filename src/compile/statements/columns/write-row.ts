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

/** Begins to write rows, one after the other, all to the same `ByteWriter`. */
export type OpenRows = () => WriteRow

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
export function rowWriter(pieces: readonly Piece[]): OpenRows {
  const opens = pieces.map(pieceWriter)
  return () => {
    const writers = opens.map((open) => open())
    return (out, row, begin) => {
      let at = begin
      for (const write of writers) at = write(out, row, at)
      return at
    }
  }
}

function pieceWriter(piece: Piece): OpenRows {
  switch (piece.kind) {
    case 'literal':
      return always(literalWriter(Buffer.from(piece.text)))
    case 'column':
      return always(columnWriter(COLUMN_WRITERS[piece.as]))
    // Rows often show the same row behind a reference, such as their author.
    case 'object':
      return repeating(objectWriter(piece.pieces))
    case 'record':
      return repeating(recordWriter(piece.pieces))
    default:
      return unreachable(piece)
  }
}

/** For a writer that remembers nothing of the rows before. */
function always(write: WriteRow): OpenRows {
  return () => write
}

function literalWriter(constant: Buffer): WriteRow {
  return (out, _, at) => {
    writeBytes(out, constant)
    return at
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

function objectWriter(pieces: readonly Piece[]): OpenRows {
  const openObject = rowWriter(pieces)
  const others = columnCount(pieces)
  return () => {
    const write = openObject()
    return (out, row, at) => {
      const from = at + LENGTH_BYTES
      const length = row.readInt32BE(at)
      if (length > 0 && row[from] !== 0) return write(out, row, from + length)
      writeNull(out)
      return columnAt(row, from + Math.max(0, length), others)
    }
  }
}

function recordWriter(pieces: readonly Piece[]): OpenRows {
  const openRecord = rowWriter(pieces)
  return () => {
    const write = openRecord()
    return (out, row, at) => {
      const from = at + LENGTH_BYTES
      const length = row.readInt32BE(at)
      if (length < 0) {
        writeNull(out)
        return from
      }
      write(out, columnsOfRecord(row.subarray(from, from + length)), 0)
      return from + length
    }
  }
}

/** The number of columns of a record, and the type of each, as 32 bits. */
const COUNT_BYTES = 4
const TYPE_BYTES = 4

/** The columns of a record in binary format, without their types: like the columns of a row. */
function columnsOfRecord(record: Buffer): Buffer {
  const columns: Buffer[] = []
  for (let at = COUNT_BYTES; at < record.length; ) {
    const from = at + TYPE_BYTES
    at = columnAt(record, from, 1)
    columns.push(record.subarray(from, at))
  }
  return Buffer.concat(columns)
}

/** Where columns are in their row, and where their JSON is among the written bytes. */
interface Written {
  readonly row: Buffer
  readonly at: number
  readonly length: number
  readonly jsonAt: number
  readonly jsonLength: number
}

/** Writes the JSON of columns. Columns with the bytes of those of the row before are not read: their JSON is copied. */
function repeating(open: OpenRows): OpenRows {
  return () => {
    const write = open()
    let last: Written | null = null
    return (out, row, at) => {
      if (last !== null && isRepeated(last, row, at)) {
        copyBytes(out, out.bytes, last.jsonAt, last.jsonLength)
        return at + last.length
      }
      const jsonAt = out.length
      const end = write(out, row, at)
      last = { row, at, length: end - at, jsonAt, jsonLength: out.length - jsonAt }
      return end
    }
  }
}

/** Whether the bytes at an offset are those of written columns. Then they are as many columns, because each contains its length. */
function isRepeated({ row: before, at: beforeAt, length }: Written, row: Buffer, at: number): boolean {
  for (let i = 0; i < length; i++) if (row[at + i] !== before[beforeAt + i]) return false
  return true
}

/** The offset of the column that is `count` columns after the column at `at`. */
export function columnAt(row: Buffer, at: number, count: number): number {
  let offset = at
  for (let i = 0; i < count; i++) offset += LENGTH_BYTES + Math.max(0, row.readInt32BE(offset))
  return offset
}
