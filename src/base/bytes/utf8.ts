/**
 * The UTF-8 bytes of a text, as a type of their own, which no function takes for decoded text. They are kept in a string with one character
 * for each byte. Buffers lie outside of V8's heap, and collecting many small ones takes longer than all work on the bytes.
 */

/** The UTF-8 bytes of a text. */
export interface Utf8 {
  /** One character for each byte, from U+0000 to U+00FF. */
  readonly octets: string
  /** The number of bytes. */
  readonly length: number
}

/** Makes UTF-8 bytes from a string with one character for each byte. */
export function asUtf8(octets: string): Utf8 {
  return { octets, length: octets.length }
}

/** The UTF-8 bytes of a text. A lone surrogate becomes U+FFFD. */
export function utf8(text: string): Utf8 {
  return asUtf8(Buffer.from(text).toString('latin1'))
}

/** The bytes as a buffer. */
export function bytesOf({ octets }: Utf8): Buffer {
  return Buffer.from(octets, 'latin1')
}

/** The text of UTF-8 bytes. */
export function textOf(text: Utf8): string {
  return bytesOf(text).toString('utf8')
}

/** The length of a text in UTF-8, in bytes. */
export function utf8Length(text: string | Utf8): number {
  return typeof text === 'string' ? Buffer.byteLength(text) : text.length
}

/** Joins bytes with constant ASCII text before and after them. */
export function between(before: string, { octets }: Utf8, after: string): Utf8 {
  return asUtf8(`${before}${octets}${after}`)
}
