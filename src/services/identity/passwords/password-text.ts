/**
 * What counts as the same password. The OpaqueString profile of RFC 8265 section 4.2: spaces of any kind are a space, and canonically equal spellings
 * (an é in one piece or two) are one, because keyboards differ in both. Nothing else is changed: no trimming, no case, no truncation.
 */

/** No hash is computed over more, so a huge password costs nothing. */
export const MAX_PASSWORD_BYTES = 1024

/** The bytes that are hashed, or why there are none. Decides by length before it looks at the text. */
export type PasswordBytes =
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly text: string }
  | { readonly kind: 'refused'; readonly why: 'empty' | 'too-long' | 'not-text' }

/** Prepares a password for hashing, checking or comparing. */
export function preparePassword(password: string): PasswordBytes {
  if (password === '') return { kind: 'refused', why: 'empty' }
  // A code unit is at least one byte, so this is decided without encoding ten megabytes.
  if (password.length > MAX_PASSWORD_BYTES || Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return { kind: 'refused', why: 'too-long' }
  // Halves of surrogate pairs would all be encoded as the same replacement character.
  if (!password.isWellFormed()) return { kind: 'refused', why: 'not-text' }
  const text = password.replaceAll(/\p{Zs}/gu, ' ').normalize('NFC')
  return { kind: 'bytes', bytes: Buffer.from(text), text }
}
