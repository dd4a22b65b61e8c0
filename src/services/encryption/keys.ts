/** The keys that encrypt fields. The first one encrypts, all of them decrypt, so a key can be replaced while callers write. */

import { hkdfSync } from 'node:crypto'
import { EnvironmentError } from '../../base/environment-error.ts'

/** The setting that holds the keys. */
export const ENCRYPTION_SETTING = 'ENCRYPTION_KEYS'

/** A key: its id stands in each value that it has encrypted. */
export interface EncryptionKey {
  readonly id: string
  /** The 256-bit key of AES. */
  readonly cipher: Buffer
  /** The 256-bit key of the digests that find equal values. */
  readonly digest: Buffer
}

/** The keys of a backend, the one that encrypts first. */
export type EncryptionKeys = readonly [EncryptionKey, ...EncryptionKey[]]

const HOW_TO_MAKE = 'write id:key, and make the key with: openssl rand -base64 32'
const BYTES = 32
const ID = /^[A-Za-z0-9_-]{1,32}$/

/**
 * Reads keys: `2026-11:BASE64`, several with commas or white space between them. Keys for ciphers and for digests are derived from each
 * (HKDF-SHA256, RFC 5869).
 *
 * @param name the setting or the file that is named in errors.
 * @throws EnvironmentError for a value that holds no keys, two keys with one id, or a key of another size. It never contains a key.
 */
export function readEncryptionKeys(name: string, text: string): EncryptionKeys {
  const keys: EncryptionKey[] = []
  for (const [index, item] of text
    .split(/[\s,]+/)
    .filter((one) => one !== '')
    .entries()) {
    const which = `${name}, key ${index + 1}`
    const [id = '', encoded = ''] = item.split(':')
    if (!ID.test(id)) throw new EnvironmentError(`${which} has no id of letters, digits, - and _`, HOW_TO_MAKE)
    if (keys.some((key) => key.id === id))
      throw new EnvironmentError(`${which} has the id of an earlier key`, 'give each key an id of its own')
    const secret = Buffer.from(encoded, 'base64')
    if (secret.length !== BYTES || new Set(secret).size < 8)
      throw new EnvironmentError(`${which} is not 32 random bytes in base64`, HOW_TO_MAKE)
    keys.push({ id, cipher: derived(secret, 'fields'), digest: derived(secret, 'equality') })
  }
  const [first, ...others] = keys
  if (first === undefined) throw new EnvironmentError(`${name} holds no key`, HOW_TO_MAKE)
  return [first, ...others]
}

function derived(secret: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `plinth/${purpose}`, BYTES))
}
