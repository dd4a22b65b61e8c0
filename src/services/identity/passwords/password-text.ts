/**
 * Normalises passwords by the OpaqueString profile of RFC 8265 section 4.2: every kind of space becomes a plain space, and canonically
 * equal texts (é as one or two code points) become equal, because keyboards differ in both. Nothing else changes: no trimming, no change of
 * case, no truncation.
 */

/** Longer passwords are refused before hashing, so they cost nothing. */
export const MAX_PASSWORD_BYTES = 1024

/** The bytes to hash, or the reason for a refusal. The length is checked before the text. */
export type PasswordBytes =
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly text: string }
  | { readonly kind: 'refused'; readonly why: 'empty' | 'too-long' | 'not-text' }

/** Prepares a password for hashing, checking or comparing. */
export function preparePassword(password: string): PasswordBytes {
  if (password === '') return { kind: 'refused', why: 'empty' }
  // A code unit has at least one byte, so a text of ten megabytes is refused without encoding it.
  if (password.length > MAX_PASSWORD_BYTES || Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return { kind: 'refused', why: 'too-long' }
  // All lone surrogates would be encoded as the same replacement character.
  if (!password.isWellFormed()) return { kind: 'refused', why: 'not-text' }
  const text = password.replaceAll(/\p{Zs}/gu, ' ').normalize('NFC')
  return { kind: 'bytes', bytes: Buffer.from(text), text }
}
