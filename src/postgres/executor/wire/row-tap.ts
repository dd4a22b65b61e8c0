/**
 * Takes the rows of a result out of the server's answer as bytes. The driver decodes each column to a string, which costs more than all
 * other work on a row. All other messages go to the driver unchanged.
 *
 * Source: PostgreSQL, "Frontend/Backend Protocol", Message Formats.
 */

import { EventEmitter } from 'node:events'

/** Reads a row, whose columns begin at offset `at` of `bytes`. */
export type ReadRow = (bytes: Buffer, at: number) => void

/** The rows of one connection. */
export interface RowTap {
  /** Reads each row of the running statement; null while the driver reads them. */
  read: ReadRow | null
  /** The first error of `read`; null without one. After an error, the other rows of the statement are not read. */
  unread: { readonly error: unknown } | null
}

/** The part of the driver's connection that is used here. */
interface Wire {
  attachListeners(stream: EventEmitter): void
}

const DATA_ROW = 0x44
/** The kind of a message, and its length without the kind. */
const HEADER_BYTES = 5
/** The header of a row, and its number of columns. */
const COLUMNS_AT = HEADER_BYTES + 2

/** Puts a tap between the server and the driver. Must be called before the driver connects. */
export function openRowTap(client: object): RowTap {
  const { connection } = client as { readonly connection: Wire }
  const tap: RowTap = { read: null, unread: null }
  const attach = connection.attachListeners.bind(connection)
  connection.attachListeners = (stream) => {
    const others = new EventEmitter()
    attach(others)
    stream.on(
      'data',
      splitter(tap, (bytes) => others.emit('data', bytes)),
    )
    stream.on('end', () => others.emit('end'))
  }
  return tap
}

/**
 * Returns a function that takes the server's bytes in pieces of any size. It calls `tap.read` for each row while there is a reader, and
 * `forward` with all other bytes.
 */
export function splitter(tap: RowTap, forward: (bytes: Buffer) => void): (chunk: Buffer) => void {
  /** The beginning of a header that is not complete. */
  let header: Buffer | null = null
  /** How many bytes of a message are still to be forwarded. */
  let passing = 0
  /** A row that is not complete, and how many of its bytes are known. */
  let row: Buffer | null = null
  let known = 0

  /** Completes the row, and returns the offset after its bytes. */
  function complete(chunk: Buffer, begun: Buffer): number {
    const taken = chunk.copy(begun, known)
    known += taken
    if (known < begun.length) return taken
    row = null
    readRow(tap, begun, COLUMNS_AT)
    return taken
  }

  return (received) => {
    const chunk = header === null ? received : Buffer.concat([header, received])
    header = null
    const begin = row === null ? 0 : complete(chunk, row)
    let from = begin
    let at = from + Math.min(passing, chunk.length - from)
    passing -= at - from
    while (at + HEADER_BYTES <= chunk.length) {
      const end = at + 1 + chunk.readUInt32BE(at + 1)
      if (chunk[at] !== DATA_ROW || tap.read === null) {
        passing = Math.max(0, end - chunk.length)
        at = Math.min(end, chunk.length)
        continue
      }
      if (from < at) forward(chunk.subarray(from, at))
      from = Math.min(end, chunk.length)
      if (end <= chunk.length) readRow(tap, chunk, at + COLUMNS_AT)
      else {
        row = Buffer.allocUnsafe(end - at)
        known = chunk.copy(row, 0, at)
      }
      at = from
    }
    if (passing === 0 && at < chunk.length) header = chunk.subarray(at)
    if (from < at) forward(from === 0 && at === chunk.length ? chunk : chunk.subarray(from, at))
  }
}

/** Reads a row. An error must not reach the socket that delivers the row, so it is kept until the answer is complete. */
function readRow(tap: RowTap, bytes: Buffer, at: number): void {
  if (tap.read === null || tap.unread !== null) return
  try {
    tap.read(bytes, at)
  } catch (error) {
    tap.unread = { error }
  }
}
