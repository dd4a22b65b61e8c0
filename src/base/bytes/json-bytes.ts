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
const EMPTY = Buffer.from('[]')

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
/** The maximum number of bytes that one byte takes when it is escaped. */
const ESCAPED_BYTES = 6
const HEX = Buffer.from('0123456789abcdef')

/** Up to this many bytes, one loop is faster than a search and a copy. */
const SHORT_TEXT = 64

/** Writes a `text` as a JSON string. */
export function writeText(out: ByteWriter, from: Buffer, at: number, length: number): void {
  if (length > SHORT_TEXT) {
    writeLongText(out, from, at, length)
    return
  }
  reserve(out, length * ESCAPED_BYTES + 2)
  const { bytes } = out
  let to = out.length
  bytes[to++] = QUOTE
  for (let i = at; i < at + length; i++) {
    const byte = from[i] as number
    if (ESCAPES[byte] === 0) bytes[to++] = byte
    else to = writeEscaped(bytes, to, byte)
  }
  bytes[to++] = QUOTE
  out.length = to
}

function writeLongText(out: ByteWriter, from: Buffer, at: number, length: number): void {
  writeByte(out, QUOTE)
  const end = at + length
  let copied = at
  for (let i = findEscaped(from, at, end); i < end; i = findEscaped(from, copied, end)) {
    copyBytes(out, from, copied, i - copied)
    reserve(out, ESCAPED_BYTES)
    out.length = writeEscaped(out.bytes, out.length, from[i] as number)
    copied = i + 1
  }
  copyBytes(out, from, copied, end - copied)
  writeByte(out, QUOTE)
}

/** The memory of the buffer that was searched last, as words of four bytes. */
let words: Int32Array = new Int32Array(0)

/** The offset of the first byte from `at` that is escaped; `end` if there is none. It looks at four bytes at a time. */
function findEscaped(from: Buffer, at: number, end: number): number {
  if (words.buffer !== from.buffer) words = new Int32Array(from.buffer, 0, from.buffer.byteLength >> 2)
  const { byteOffset } = from
  let i = at
  for (; i < end && ((byteOffset + i) & 3) !== 0; i++) if (ESCAPES[from[i] as number] !== 0) return i
  while (i + 4 <= end && !hasEscaped(words[(byteOffset + i) >> 2] as number)) i += 4
  while (i < end && ESCAPES[from[i] as number] === 0) i++
  return i
}

/**
 * Whether one of the four bytes of a word is a quote, a backslash, or less than a space. With another bit 1, a quote is 0x20, a space is
 * 0x22, and the bytes less than a space stay less.
 *
 * Source: Sean Eron Anderson, "Bit Twiddling Hacks", "Determine if a word has a zero byte" and "… a byte less than n".
 */
function hasEscaped(word: number): boolean {
  const turned = word ^ 0x0202_0202
  const backslashes = word ^ 0x5c5c_5c5c
  const low = (turned - 0x2121_2121) & ~turned
  return ((low | ((backslashes - 0x0101_0101) & ~backslashes)) & 0x8080_8080) !== 0
}

/** Writes the escape of a byte at an offset, and returns the offset after it. */
function writeEscaped(bytes: Buffer, at: number, byte: number): number {
  const letter = ESCAPES[byte] as number
  bytes[at] = BACKSLASH
  bytes[at + 1] = letter
  if (letter !== 0x75) return at + 2
  bytes[at + 2] = 0x30
  bytes[at + 3] = 0x30
  bytes[at + 4] = HEX[byte >> 4] as number
  bytes[at + 5] = HEX[byte & 15] as number
  return at + ESCAPED_BYTES
}

/** Writes a text between quotes. It has no character that JSON escapes. */
export function writeCharacters(out: ByteWriter, from: Buffer, at: number, length: number): void {
  writeByte(out, QUOTE)
  copyBytes(out, from, at, length)
  writeByte(out, QUOTE)
}

/** The digits of a `bigint`. */
export function integerText(from: Buffer, at: number): string {
  const high = from.readInt32BE(at)
  const low = from.readUInt32BE(at + 4)
  // Up to 53 bits, a number is exact.
  return high >= -0x20_0000 && high < 0x20_0000 ? String(high * 2 ** 32 + low) : String(from.readBigInt64BE(at))
}

/** Writes the digits of a `bigint`. */
export function writeInteger(out: ByteWriter, from: Buffer, at: number): void {
  const digits = integerText(from, at)
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

/** The length of the head of an array, in bytes: the number of dimensions, a flag, and the type of the items. The dimensions follow. */
const ARRAY_BYTES = 12
/** The length of one dimension, in bytes: its size, and the index of its first item. */
const DIMENSION_BYTES = 8

/** Writes a `text[]` as an array of JSON strings. An array of several dimensions becomes an array of arrays. */
export function writeTexts(out: ByteWriter, from: Buffer, at: number): void {
  const dimensions = from.readInt32BE(at)
  if (dimensions === 0) writeBytes(out, EMPTY)
  else writeDimension(out, from, { at: at + ARRAY_BYTES, left: dimensions, items: at + ARRAY_BYTES + dimensions * DIMENSION_BYTES })
}

interface Dimension {
  /** The offset of the dimension. */
  readonly at: number
  /** How many dimensions are left, this one included. */
  readonly left: number
  /** The offset of its items. */
  readonly items: number
}

/** Writes the items of one dimension, and returns the offset after them. */
function writeDimension(out: ByteWriter, from: Buffer, { at, left, items }: Dimension): number {
  const size = from.readInt32BE(at)
  let next = items
  writeByte(out, 0x5b)
  for (let i = 0; i < size; i++) {
    if (i > 0) writeByte(out, COMMA)
    next = left > 1 ? writeDimension(out, from, { at: at + DIMENSION_BYTES, left: left - 1, items: next }) : writeItem(out, from, next)
  }
  writeByte(out, 0x5d)
  return next
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
