/** Checks a token that another backend has signed. */

import type { KeyObject } from 'node:crypto'
import { jwtVerify } from 'jose'
import { type Failure, failure } from '../../base/failure.ts'
import { ALGORITHM } from '../identity/tokens/canonical-token.ts'
import { SERVICE_TOKEN_TYPE } from '../identity/tokens/service-tokens.ts'

/** Whom a token is for: the other backend itself, or one of its accounts. */
export type TokenSubject = { readonly kind: 'system' } | { readonly kind: 'caller'; readonly id: string }

/** What a token is checked against. */
export interface Expected {
  readonly key: KeyObject
  /** The public addresses of the other backend and of this one. */
  readonly issuer: string
  readonly audience: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** The clocks of two machines may differ by this much. */
const LEEWAY_SECONDS = 10
/** A token that lasts longer is refused, because a stolen copy could be used for longer. */
const LONGEST_SECONDS = 300
/** The most characters of `sub`. */
const MAX_SUBJECT = 200

/** Checks signature, type and claims of a token. @throws Failure `invalid_token` for every defect. */
export async function verifyServiceToken(token: string, { key, issuer, audience, now }: Expected): Promise<TokenSubject> {
  const { as, sub, aud, iat, exp } = await verified(token, { key, issuer, audience, now })
  // A token for several audiences could be sent on by one of them.
  if (aud !== audience) throw refusedToken('the token is for others, too')
  if (typeof iat !== 'number' || typeof exp !== 'number' || iat > now / 1_000 + LEEWAY_SECONDS || exp - iat > LONGEST_SECONDS)
    throw refusedToken('the token is from the future, or lasts too long')
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT) throw refusedToken('sub is no id')
  if (as === 'system' && sub === issuer) return { kind: 'system' }
  if (as === 'caller') return { kind: 'caller', id: sub }
  throw refusedToken('as is neither caller nor system')
}

async function verified(token: string, { key, issuer, audience, now }: Expected): Promise<Readonly<Record<string, unknown>>> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      typ: SERVICE_TOKEN_TYPE,
      issuer,
      audience,
      clockTolerance: LEEWAY_SECONDS,
      requiredClaims: ['sub', 'as', 'exp', 'iat', 'jti'],
      currentDate: new Date(now),
    })
    return payload
  } catch (error) {
    // The messages of jose name the claim, never its value.
    throw refusedToken(error instanceof Error ? error.message : 'not verified')
  }
}

/** The failure of a token. @param why for the log */
export function refusedToken(why: string): Failure {
  return failure('invalid_token', {}, `a token of another backend: ${why}`)
}
