/**
 * Encrypts and decrypts single values with AES-256-GCM (NIST SP 800-38D). A stored value is a text of five parts with points between them:
 *
 *     pln1 . id of the key . digest or nothing . r or f . base64url(nonce of 12 bytes, ciphertext, tag of 16 bytes)
 *
 * The field and the id of the row are associated data: a value that is copied to another field or another row cannot be decrypted there.
 * `f` marks a value that is bound to its field alone, because the database makes the id of the row.
 */

import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import type { EncryptionKey, EncryptionKeys } from './keys.ts'

/** What a value belongs to. */
export interface BoundTo {
  /** The entity and the field: `Customer.phone`. */
  readonly context: string
  /** The id of the row; null where it is not known. */
  readonly row: string | null
}

const VERSION = 'pln1'
const STORED = /^pln1\.([A-Za-z0-9_-]{1,32})\.([A-Za-z0-9_-]*)\.([rf])\.([A-Za-z0-9_-]{38,})$/
const NONCE = 12
const TAG = 16
/** Bytes of a digest: 128 bits, so that no two values have one by chance. */
const DIGEST = 16

/** The id of the key of a stored value; null for a text that is not encrypted. */
export function keyOfStored(stored: string): string | null {
  return STORED.exec(stored)?.[1] ?? null
}

/** The stored form of a value, with the first key. @param equality whether a digest of the value stands beside it */
export function seal([key]: EncryptionKeys, clear: string, { context, row, equality }: BoundTo & { readonly equality: boolean }): string {
  const nonce = randomBytes(NONCE)
  const kind = row === null ? 'f' : 'r'
  const cipher = createCipheriv('aes-256-gcm', key.cipher, nonce).setAAD(associated({ context, row }))
  const bytes = Buffer.concat([nonce, cipher.update(clear, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `${VERSION}.${key.id}.${equality ? digestOf(key, context, clear) : ''}.${kind}.${bytes.toString('base64url')}`
}

/** The clear text of a stored value, or why there is none. A text that is not encrypted is its own clear text. */
export type Opened = { readonly ok: true; readonly clear: string } | { readonly ok: false; readonly why: string }

/** Decrypts a stored value. @param contexts the field, then its former names */
export function open(keys: EncryptionKeys, stored: string, { contexts, row }: { contexts: readonly string[]; row: string }): Opened {
  const parts = STORED.exec(stored)
  if (parts === null) return { ok: true, clear: stored }
  const [, id, , kind, payload = ''] = parts
  const key = keys.find((one) => one.id === id)
  if (key === undefined) return { ok: false, why: `no key has the id ${id}` }
  const bytes = Buffer.from(payload, 'base64url')
  for (const context of contexts) {
    const clear = opened(key, bytes, { context, row: kind === 'r' ? row : null })
    if (clear !== null) return { ok: true, clear }
  }
  return { ok: false, why: `the value does not belong there, or was changed (key ${id})` }
}

function opened(key: EncryptionKey, bytes: Buffer, to: BoundTo): string | null {
  const decipher = createDecipheriv('aes-256-gcm', key.cipher, bytes.subarray(0, NONCE), { authTagLength: TAG })
  decipher.setAAD(associated(to)).setAuthTag(bytes.subarray(-TAG))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]).toString('utf8')
  } catch {
    return null
  }
}

/** The digests of a value by all keys: rows that a rotation has not reached yet have that of an older key. */
export function digestsOf(keys: EncryptionKeys, context: string, clear: string): readonly string[] {
  return keys.map((key) => digestOf(key, context, clear))
}

/** HMAC-SHA256 (RFC 2104) of the field and the value, so that equal values of two fields have different digests. */
function digestOf({ digest }: EncryptionKey, context: string, clear: string): string {
  return createHmac('sha256', digest).update(`${context}\u0000${clear}`).digest().subarray(0, DIGEST).toString('base64url')
}

function associated({ context, row }: BoundTo): Buffer {
  return Buffer.from(`${VERSION}\u0000${context}\u0000${row ?? ''}\u0000${row === null ? 'f' : 'r'}`)
}
