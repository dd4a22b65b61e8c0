/** Text as UTF-8 bytes, kept apart from decoded text and from other bytes. */

declare const brand: unique symbol

/** The UTF-8 bytes of a text. */
export type Utf8 = Uint8Array & { readonly [brand]: 'utf8' }

/** Marks bytes as UTF-8. They must not change afterwards. */
export function asUtf8(bytes: Uint8Array): Utf8 {
  return bytes as Utf8
}

/** The UTF-8 bytes of a text. A lone surrogate becomes U+FFFD. */
export function utf8(text: string): Utf8 {
  return asUtf8(Buffer.from(text))
}

/** The text of UTF-8 bytes. */
export function textOf(bytes: Utf8): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

/** The length of a text in UTF-8, in bytes. */
export function utf8Length(text: string | Utf8): number {
  return typeof text === 'string' ? Buffer.byteLength(text) : text.byteLength
}
