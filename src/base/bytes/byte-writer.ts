/** A buffer that grows while bytes are written to its end. */

import { asUtf8, type Utf8 } from './utf8.ts'

/** Bytes that are being written: the first `length` bytes of `bytes`. */
export interface ByteWriter {
  bytes: Buffer
  length: number
}

const FIRST_BYTES = 16_384
/** A larger buffer is not used again, because it would stay in memory. */
const LARGEST_SPARE = 262_144
const MAX_SPARES = 4

/** Buffers for the next writers. */
const spares: Buffer[] = []

/** Begins to write. */
export function openBytes(): ByteWriter {
  return { bytes: spares.pop() ?? Buffer.allocUnsafe(FIRST_BYTES), length: 0 }
}

/** Makes room for `more` bytes. */
export function reserve(out: ByteWriter, more: number): void {
  const least = out.length + more
  if (least <= out.bytes.length) return
  const larger = Buffer.allocUnsafe(Math.max(least, out.bytes.length * 2))
  out.bytes.copy(larger, 0, 0, out.length)
  out.bytes = larger
}

/** Writes constant bytes. */
export function writeBytes(out: ByteWriter, constant: Uint8Array): void {
  const { length } = constant
  reserve(out, length)
  const { bytes } = out
  let to = out.length
  // A loop is faster than a call of `set` for the few bytes that constants have.
  for (let i = 0; i < length; i++) bytes[to++] = constant[i] as number
  out.length = to
}

/** Copies `length` bytes from offset `at` of another buffer. */
export function copyBytes(out: ByteWriter, from: Buffer, at: number, length: number): void {
  reserve(out, length)
  if (length > SHORT) from.copy(out.bytes, out.length, at, at + length)
  else for (let i = 0; i < length; i++) out.bytes[out.length + i] = from[at + i] as number
  out.length += length
}

/** Up to this many bytes, a loop is faster than a call of `copy`. */
const SHORT = 48

/** Ends the writing, and returns the bytes, which must be UTF-8. The writer must not be used again. */
export function endBytes(out: ByteWriter): Utf8 {
  const written = asUtf8(out.bytes.toString('latin1', 0, out.length))
  if (out.bytes.length <= LARGEST_SPARE && spares.length < MAX_SPARES) spares.push(out.bytes)
  return written
}
