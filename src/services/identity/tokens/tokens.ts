/**
 * Access tokens: JWTs of the profile of RFC 9068, signed with Ed25519 and checked as RFC 8725 requires. There is one algorithm, and keys
 * come only from the configuration, never from a URL or key in a header. Every defect gives the same answer. session-cache.ts checks
 * whether the session is still valid.
 */

import { randomUUID } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { type Failure, failure } from '../../../base/failure.ts'
import { lru } from '../../../base/lru.ts'
import { ALGORITHM, readCanonicalToken } from './canonical-token.ts'
import type { SigningKeys } from './keys.ts'

/** The clocks of two machines may differ by this much. */
const LEEWAY_SECONDS = 30
/** The maximum number of cached tokens: about 10 MB. */
const MAX_VERIFIED = 10_000

const TYPE = 'at+jwt'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What tokens need; `now`: milliseconds since 1970. */
export interface TokenDeps {
  readonly keys: SigningKeys
  readonly issuer: string
  readonly audience: string
  readonly now: () => number
  /** Seconds until an access token expires. */
  readonly lastsSeconds: number
}

/** The content of a new token. `role` is for other services; Plinth itself reads the role from the database. */
export interface TokenSubject {
  readonly userId: string
  readonly sessionId: string
  readonly role: string | null
}

/** The content of a valid token. */
export interface VerifiedToken {
  readonly userId: string
  readonly sessionId: string
  /** When the token expires, in milliseconds since 1970, including the leeway. */
  readonly until: number
}

/** Issues and verifies tokens. */
export interface Tokens {
  readonly issue: (subject: TokenSubject) => Promise<string>
  /** Verifies a token; a cached token needs only a map lookup. @throws Failure invalid_token for every defect. */
  readonly verify: (token: string) => Promise<VerifiedToken>
}

/** Issues and verifies tokens with one set of keys. Other keys need a new call, so that tokens of a removed key become invalid at once. */
export function openTokens(deps: TokenDeps): Tokens {
  // Only valid tokens are kept, so that invalid ones do not displace them.
  const verified = lru<VerifiedToken>(MAX_VERIFIED)
  return {
    issue: (subject) => issueToken(deps, subject),
    verify: async (token) => {
      const known = verified.get(token)
      if (known !== undefined) {
        if (known.until > deps.now()) return known
        throw refused('expired')
      }
      const fresh = await verifyToken(deps, token)
      verified.set(token, fresh)
      return fresh
    },
  }
}

function issueToken(deps: TokenDeps, subject: TokenSubject): Promise<string> {
  const issuedAt = Math.floor(deps.now() / 1000)
  // RFC 9068 requires client_id; users who sign in here directly are clients of this backend.
  return new SignJWT({ client_id: deps.audience, sid: subject.sessionId, ...(subject.role === null ? {} : { role: subject.role }) })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: deps.keys.signing.kid })
    .setIssuer(deps.issuer)
    .setAudience(deps.audience)
    .setSubject(subject.userId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + deps.lastsSeconds)
    .setJti(randomUUID())
    .sign(deps.keys.signing.private)
}

async function verifyToken(deps: TokenDeps, token: string): Promise<VerifiedToken> {
  const kid = readHeader(token)
  const key = kid === null ? undefined : deps.keys.byId.get(kid)
  if (key === undefined) throw refused('not a token of this backend')
  const now = deps.now()
  let claims: { sub?: unknown; sid?: unknown; iat?: number | undefined; exp?: number | undefined }
  try {
    const { payload } = await jwtVerify(token, key.public, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer: deps.issuer,
      audience: deps.audience,
      clockTolerance: LEEWAY_SECONDS,
      requiredClaims: ['sub', 'sid', 'exp', 'iat', 'jti'],
      currentDate: new Date(now),
    })
    claims = payload
  } catch (error) {
    // The messages of jose name the claim, never its value.
    throw refused(error instanceof Error ? error.message : 'not verified')
  }
  const { sub, sid, iat, exp } = claims
  if (typeof sub !== 'string' || sub === '' || typeof sid !== 'string' || !UUID.test(sid)) throw refused('sub or sid was not issued here')
  if (iat === undefined || exp === undefined || iat > now / 1000 + LEEWAY_SECONDS) throw refused('issued in the future')
  return { userId: sub, sessionId: sid, until: (exp + LEEWAY_SECONDS) * 1000 }
}

/** Returns the `kid` of a token that has exactly the form of `issueToken`. */
function readHeader(token: string): string | null {
  const read = readCanonicalToken(token)
  return read?.typ === TYPE ? read.kid : null
}

function refused(note: string): Failure {
  return failure('invalid_token', {}, note)
}
