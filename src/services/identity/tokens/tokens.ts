/**
 * Access tokens: JWTs of the profile of RFC 9068, signed with Ed25519, checked as RFC 8725 asks. One algorithm, keys from configuration alone, nothing in
 * a header is followed, and every defect gives the same answer. Whether the session still stands is not a token's to say: see session-cache.ts.
 */

import { randomUUID } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { type Failure, failure } from '../../../base/failure.ts'
import { isObject } from '../../../base/is-object.ts'
import { lru } from '../../../base/lru.ts'
import type { SigningKeys } from './keys.ts'

export const ACCESS_TOKEN_SECONDS = 15 * 60
/** Clocks of two machines may differ by this much. */
const LEEWAY_SECONDS = 30
/** Ours have about 600; nothing longer is worth reading. */
const MAX_TOKEN_LENGTH = 4096
/** Verified tokens kept: about 10 MB when full. */
const MAX_VERIFIED = 10_000

const ALGORITHM = 'EdDSA'
const TYPE = 'at+jwt'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export interface TokenDeps {
  readonly keys: SigningKeys
  readonly issuer: string
  readonly audience: string
  readonly now: () => number
}

/** What a token is issued for. `role` is there for other services; Plinth itself asks the database. */
export interface TokenSubject {
  readonly userId: string
  readonly sessionId: string
  readonly role: string | null
}

/** What a good token proves. */
export interface VerifiedToken {
  readonly userId: string
  readonly sessionId: string
  /** When it stops being good, in milliseconds since 1970, leeway included. */
  readonly until: number
}

export interface Tokens {
  readonly issue: (subject: TokenSubject) => Promise<string>
  /** A map lookup for a token seen before. @throws Failure invalid_token for everything else that is not a good token of ours. */
  readonly verify: (token: string) => Promise<VerifiedToken>
}

/** Issues and verifies tokens with one set of keys. A different set needs a new one, so that tokens of a removed key stop at once. */
export function openTokens(deps: TokenDeps): Tokens {
  // Only good tokens are kept, so junk neither fills it nor pushes others out.
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
  // RFC 9068 requires client_id; whoever signs in here directly is a client of this backend.
  return new SignJWT({ client_id: deps.audience, sid: subject.sessionId, ...(subject.role === null ? {} : { role: subject.role }) })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: deps.keys.signing.kid })
    .setIssuer(deps.issuer)
    .setAudience(deps.audience)
    .setSubject(subject.userId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ACCESS_TOKEN_SECONDS)
    .setJti(randomUUID())
    .sign(deps.keys.signing.private)
}

async function verifyToken(deps: TokenDeps, token: string): Promise<VerifiedToken> {
  const kid = readHeader(token)
  const key = kid === null ? undefined : deps.keys.byId.get(kid)
  if (key === undefined) throw refused('not a token of ours')
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
    // Messages of jose name the claim, never a value.
    throw refused(error instanceof Error ? error.message : 'not verified')
  }
  const { sub, sid, iat, exp } = claims
  if (typeof sub !== 'string' || sub === '' || typeof sid !== 'string' || !UUID.test(sid)) throw refused('sub or sid is not one of ours')
  if (iat === undefined || exp === undefined || iat > now / 1000 + LEEWAY_SECONDS) throw refused('issued in the future')
  return { userId: sub, sessionId: sid, until: (exp + LEEWAY_SECONDS) * 1000 }
}

/**
 * The `kid` of a token that is spelled exactly as `issueToken` spells them: three canonical base64url parts, JSON without duplicate names or blanks, and no
 * header parameter but the three. So a token has one spelling, and `jwk`, `jku`, `x5u`, `crit` and their kind are refused before anything reads them.
 */
function readHeader(token: string): string | null {
  if (token.length > MAX_TOKEN_LENGTH) return null
  const parts = token.split('.')
  const [header, payload, signature] = parts
  if (parts.length !== 3 || header === undefined || payload === undefined || signature === undefined) return null
  if (!parts.every(isCanonical)) return null
  const parameters = parseCanonical(header)
  if (parameters === null || parseCanonical(payload) === null || Object.keys(parameters).length !== 3) return null
  const { alg, typ, kid } = parameters
  return alg === ALGORITHM && typ === TYPE && typeof kid === 'string' ? kid : null
}

function isCanonical(part: string): boolean {
  return part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part
}

function parseCanonical(part: string): Readonly<Record<string, unknown>> | null {
  const text = Buffer.from(part, 'base64url').toString()
  try {
    const value: unknown = JSON.parse(text)
    // Only an object without repeated names comes back as the text that it was.
    const plain = isObject(value) && JSON.stringify(value) === text
    return plain ? (value as Readonly<Record<string, unknown>>) : null
  } catch {
    return null
  }
}

function refused(note: string): Failure {
  return failure('invalid_token', {}, note)
}
