/** Links to files that anybody may follow until they expire. The signature is an HMAC-SHA256 (RFC 2104) with a key of the server. */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { deriveSecrets, type SigningKeys } from '../identity/tokens/keys.ts'

/** What a link is bound to: one file, not what later takes its place, and a moment in seconds since 1970. */
export interface LinkTo {
  readonly key: string
  readonly expires: number
}

/** Makes and checks signatures. */
export interface FileLinks {
  readonly sign: (to: LinkTo) => string
  /** Whether a signature is that of a link. It does not look at the clock. */
  readonly verify: (to: LinkTo, signature: string) => boolean
}

/** Links are signed with the first key, and checked with all of them. */
export function openFileLinks(keys: SigningKeys): FileLinks {
  const secrets = deriveSecrets(keys, 'file-links')
  const macOf = (secret: Buffer, { key, expires }: LinkTo): Buffer => createHmac('sha256', secret).update(`${key} ${expires}`).digest()
  return {
    sign: (to) => macOf(secrets[0], to).toString('base64url'),
    verify(to, signature) {
      const given = Buffer.from(signature, 'base64url')
      return secrets.some((secret) => given.length === 32 && timingSafeEqual(macOf(secret, to), given))
    },
  }
}
