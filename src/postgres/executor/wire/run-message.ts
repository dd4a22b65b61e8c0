/** The bytes that run a prepared statement: the messages Bind, Execute and Sync as one buffer, so that one write sends them. */

/** A prepared statement with its parameters. */
export interface Bound {
  /** The name of the prepared statement; it has only ASCII characters. */
  readonly name: string
  readonly values: readonly (string | null)[]
  /** Whether the server sends all columns in binary format, or all as text. */
  readonly binary: boolean
}

const BIND = 0x42
/** The kind of Bind, its length, the empty name of the portal, the end of the statement's name, and the four numbers of the message. */
const BIND_BYTES = 1 + 4 + 1 + 1 + 2 + 2 + 2 + 2
const LENGTH_BYTES = 4
const NULL_LENGTH = -1

/** Execute for all rows of the unnamed portal, and Sync. */
const EXECUTE_AND_SYNC = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0x53, 0, 0, 0, 4])

/**
 * Returns the bytes of the three messages. All parameters are sent as text.
 *
 * Source: PostgreSQL, "Frontend/Backend Protocol", Message Formats.
 */
export function runMessage({ name, values, binary }: Bound): Buffer {
  let size = BIND_BYTES + name.length
  for (const value of values) size += LENGTH_BYTES + (value === null ? 0 : Buffer.byteLength(value))
  const bytes = Buffer.allocUnsafe(size + EXECUTE_AND_SYNC.length)
  bytes[0] = BIND
  bytes.writeInt32BE(size - 1, 1)
  bytes[5] = 0
  let at = 6 + bytes.write(name, 6, 'latin1')
  bytes[at] = 0
  // No formats of parameters: all are text.
  bytes.writeInt16BE(0, at + 1)
  bytes.writeInt16BE(values.length, at + 3)
  at += 5
  for (const value of values) {
    const length = value === null ? NULL_LENGTH : bytes.write(value, at + LENGTH_BYTES)
    bytes.writeInt32BE(length, at)
    at += LENGTH_BYTES + Math.max(0, length)
  }
  bytes.writeInt16BE(1, at)
  bytes.writeInt16BE(binary ? 1 : 0, at + 2)
  EXECUTE_AND_SYNC.copy(bytes, size)
  return bytes
}
