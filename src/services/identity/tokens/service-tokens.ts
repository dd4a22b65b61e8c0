/**
 * Tokens for other services: short JWTs that this backend signs for itself, or for one of its callers. The other service checks them with
 * the keys of `/.well-known/jwks.json`. Their type differs from that of access tokens, so neither is accepted in place of the other.
 */

import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { ALGORITHM } from './canonical-token.ts'
import type { SigningKeys } from './keys.ts'

/** The `typ` of the header. */
export const SERVICE_TOKEN_TYPE = 'plinth-service+jwt'

/** Seconds for which a token is valid. */
const LASTS_SECONDS = 60

/** For whom a token is. */
export type ServiceSubject = { readonly kind: 'system' } | { readonly kind: 'caller'; readonly id: string; readonly role: string | null }

/** Makes a token for an audience. */
export type SignServiceToken = (subject: ServiceSubject, audience: string) => Promise<string>

/** What signing needs; `now`: milliseconds since 1970. */
export interface ServiceTokenDeps {
  readonly keys: SigningKeys
  /** The public address of this backend. */
  readonly issuer: string
  readonly now: () => number
}

/**
 * Opens the signing of tokens. Claims: `iss` is this backend, `aud` the other one, `as` is `caller` or `system`, and `sub` the id of the
 * caller, or this backend.
 */
export function openServiceTokens({ keys, issuer, now }: ServiceTokenDeps): SignServiceToken {
  return (subject, audience) => {
    const issuedAt = Math.floor(now() / 1000)
    const role = subject.kind === 'caller' && subject.role !== null ? { role: subject.role } : {}
    return new SignJWT({ as: subject.kind, ...role })
      .setProtectedHeader({ alg: ALGORITHM, typ: SERVICE_TOKEN_TYPE, kid: keys.signing.kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(subject.kind === 'caller' ? subject.id : issuer)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + LASTS_SECONDS)
      .setJti(randomUUID())
      .sign(keys.signing.private)
  }
}
