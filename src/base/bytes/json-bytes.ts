/**
 * Writes values in PostgreSQL's binary format as JSON. The bytes are those of PostgreSQL's `to_json` and `to_char`.
 *
 * Sources: RFC 8259; PostgreSQL, the functions `*send` of the types, `escape_json` and `to_char`.
 */

import { type ByteWriter, copyBytes, reserve, writeBytes } from './byte-writer.ts'
import { writeTimestampText } from './timestamp-bytes.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const NULL = Buffer.from('null')
const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')

/** Writes one byte. */
export function writeByte(out: ByteWriter, byte: number): void {
  reserve(out, 1)
  out.bytes[out.length++] = byte
}

/** Writes `null`. */
export function writeNull(out: ByteWriter): void {
  writeBytes(out, NULL)
}

/** Writes a `boolean`. */
export function writeBoolean(out: ByteWriter, from: Buffer, at: number): void {
  writeBytes(out, from[at] === 0 ? FALSE : TRUE)
}

/** What follows the backslash of an escaped byte; 0 for a byte that stays as it is, `u` for the form with four digits. */
const ESCAPES = (() => {
  const escapes = new Uint8Array(256)
  escapes.fill('u'.charCodeAt(0), 0, 0x20)
  for (const [byte, letter] of [
    ['\b', 'b'],
    ['\f', 'f'],
    ['\n', 'n'],
    ['\r', 'r'],
    ['\t', 't'],
    ['"', '"'],
    ['\\', '\\'],
  ] as const)
    escapes[byte.charCodeAt(0)] = letter.charCodeAt(0)
  return escapes
})()
/** The most bytes of an escaped byte. */
const ESCAPED_BYTES = 6
const HEX = Buffer.from('0123456789abcdef')

/** Writes a `text` as a JSON string. */
export function writeText(out: ByteWriter, from: Buffer, at: number, length: number): void {
  writeByte(out, QUOTE)
  const end = at + length
  let copied = at
  for (let i = at; i < end; i++) {
    if (ESCAPES[from[i] as number] === 0) continue
    copyBytes(out, from, copied, i - copied)
    writeEscaped(out, from[i] as number)
    copied = i + 1
  }
  copyBytes(out, from, copied, end - copied)
  writeByte(out, QUOTE)
}

function writeEscaped(out: ByteWriter, byte: number): void {
  reserve(out, ESCAPED_BYTES)
  const { bytes } = out
  const letter = ESCAPES[byte] as number
  bytes[out.length++] = BACKSLASH
  bytes[out.length++] = letter
  if (letter !== 0x75) return
  for (const digit of [0, 0, byte >> 4, byte & 15]) bytes[out.length++] = HEX[digit] as number
}

/** Writes a text between quotes. It has no character that JSON escapes. */
export function writeCharacters(out: ByteWriter, from: Buffer, at: number, length: number): void {
  writeByte(out, QUOTE)
  copyBytes(out, from, at, length)
  writeByte(out, QUOTE)
}

/** Writes the digits of a `bigint`. */
export function writeInteger(out: ByteWriter, from: Buffer, at: number): void {
  const high = from.readInt32BE(at)
  const low = from.readUInt32BE(at + 4)
  // Up to 53 bits, a number is exact.
  const digits = high >= -0x20_0000 && high < 0x20_0000 ? String(high * 2 ** 32 + low) : String(from.readBigInt64BE(at))
  reserve(out, digits.length)
  for (let i = 0; i < digits.length; i++) out.bytes[out.length + i] = digits.charCodeAt(i)
  out.length += digits.length
}

/** The hyphens of a UUID stand before these bytes. */
const HYPHENS: ReadonlySet<number> = new Set([4, 6, 8, 10])
const HYPHENATED = Array.from({ length: 16 }, (_, i) => HYPHENS.has(i))
const UUID_CHARACTERS = 36

/** Writes a `uuid` between quotes. */
export function writeUuid(out: ByteWriter, from: Buffer, at: number): void {
  reserve(out, UUID_CHARACTERS + 2)
  const { bytes } = out
  let to = out.length
  bytes[to++] = QUOTE
  for (let i = 0; i < 16; i++) {
    if (HYPHENATED[i]) bytes[to++] = 0x2d
    const byte = from[at + i] as number
    bytes[to++] = HEX[byte >> 4] as number
    bytes[to++] = HEX[byte & 15] as number
  }
  bytes[to++] = QUOTE
  out.length = to
}

/** Writes a `timestamptz` between quotes, in UTC with milliseconds; an infinite one as `null`, as `to_char` gives null. */
export function writeTimestamp(out: ByteWriter, from: Buffer, at: number): void {
  const before = out.length
  writeByte(out, QUOTE)
  if (writeTimestampText(out, from, at)) {
    writeByte(out, QUOTE)
    return
  }
  out.length = before
  writeNull(out)
}

/** Writes a `text[]` as an array of JSON strings. An array of several dimensions becomes an array of arrays. */
export function writeTexts(out: ByteWriter, from: Buffer, at: number): void {
  const dimensions = from.readInt32BE(at)
  const sizes = Array.from({ length: dimensions }, (_, i) => from.readInt32BE(at + 12 + i * 8))
  if (dimensions === 0) sizes.push(0)
  writeDimension(out, from, at + 12 + dimensions * 8, sizes)
}

/** Writes the items of one dimension, and returns the offset after them. */
function writeDimension(out: ByteWriter, from: Buffer, begin: number, [size = 0, ...inner]: readonly number[]): number {
  let at = begin
  writeByte(out, 0x5b)
  for (let i = 0; i < size; i++) {
    if (i > 0) writeByte(out, COMMA)
    at = inner.length > 0 ? writeDimension(out, from, at, inner) : writeItem(out, from, at)
  }
  writeByte(out, 0x5d)
  return at
}

function writeItem(out: ByteWriter, from: Buffer, at: number): number {
  const length = from.readInt32BE(at)
  if (length < 0) {
    writeNull(out)
    return at + 4
  }
  writeText(out, from, at + 4, length)
  return at + 4 + length
}
