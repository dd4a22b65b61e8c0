/**
 * The secrets of `token` fields. A row keeps a random text; the secret is this text and its HMAC-SHA256 (RFC 2104) with a key that is
 * derived from the signing keys. So the database holds no secret, and a secret can be made again from its row.
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { deriveSecrets, type SigningKeys } from './keys.ts'

/** Makes and reads the secrets of rows. */
export interface RowTokens {
  /** A new random text for a row: 32 hexadecimal digits. */
  readonly newStored: () => string
  /** The secret of a row, in base64url, from the text that the row keeps. */
  readonly textOf: (stored: string) => string
  /** The text that the row of a secret keeps; null for a text that is no secret of this backend. */
  readonly storedOf: (text: string) => string | null
}

const RANDOM_BYTES = 16
const MAC_BYTES = 32
const CHARACTERS = ((RANDOM_BYTES + MAC_BYTES) * 4) / 3

/** The secrets are made with the first key, and read with all of them. */
export function openRowTokens(keys: SigningKeys): RowTokens {
  const secrets = deriveSecrets(keys, 'row-tokens')
  const [signing] = secrets
  return {
    newStored: () => randomBytes(RANDOM_BYTES).toString('hex'),
    textOf: (stored) => {
      const random = Buffer.from(stored, 'hex')
      return Buffer.concat([random, macOf(signing, random)]).toString('base64url')
    },
    storedOf: (text) => {
      if (text.length !== CHARACTERS) return null
      const bytes = Buffer.from(text, 'base64url')
      // The decoder skips characters that base64url does not have.
      if (bytes.length !== RANDOM_BYTES + MAC_BYTES || bytes.toString('base64url') !== text) return null
      const [random, mac] = [bytes.subarray(0, RANDOM_BYTES), bytes.subarray(RANDOM_BYTES)]
      return secrets.some((secret) => timingSafeEqual(macOf(secret, random), mac)) ? random.toString('hex') : null
    },
  }
}

function macOf(secret: Buffer, random: Buffer): Buffer {
  return createHmac('sha256', secret).update(random).digest()
}
