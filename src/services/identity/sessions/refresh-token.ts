/**
 * Refresh tokens: 256 random bits, valid only with their row. Every token has one successor, derived from the token and the secret of this
 * backend. So a client that lost the answer to a refresh, or sent two refreshes at once, gets the same successor again. No token is stored.
 */

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Version 1: 1 byte version, 16 session id, 4 generation, 32 random, 16 seal. 69 bytes are exactly 92 characters of base64url. */
const VERSION = 1
const SESSION_AT = 1
const GENERATION_AT = 17
const SECRET_AT = 21
const SEAL_AT = 53
const LENGTH = 69
const TEXT = /^[\w-]{92}$/

/** A parsed refresh token. */
export interface RefreshToken {
  readonly sessionId: string
  /** 0 for the first token of a session; each rotation adds one. */
  readonly generation: number
  readonly text: string
  /** SHA-256 of the whole token. Only this hash is stored. */
  readonly hash: Buffer
  readonly bytes: Buffer
}

/** Makes the first token of a session. */
export function firstToken(sessionId: string, secret: Buffer): RefreshToken {
  return sealed({ sessionId, generation: 0, random: randomBytes(SEAL_AT - SECRET_AT), secret })
}

/** Derives the successor of `token` with `secret`. */
export function successor(token: RefreshToken, secret: Buffer): RefreshToken {
  const random = createHmac('sha256', secret).update('successor').update(token.bytes).digest()
  return sealed({ sessionId: token.sessionId, generation: token.generation + 1, random, secret })
}

/** Parses a token; null when it is malformed. Does not check whether this backend issued it. */
export function parseRefreshToken(text: string): RefreshToken | null {
  if (!TEXT.test(text)) return null
  const bytes = Buffer.from(text, 'base64url')
  if (bytes[0] !== VERSION) return null
  const generation = bytes.readUInt32BE(GENERATION_AT)
  // The column is a signed integer of four bytes.
  return generation >= 0x7fffffff ? null : described(bytes, generation)
}

/**
 * Whether one of the secrets sealed the token, so that this backend issued it at some time. An old token that is used again ends its
 * session. A forged token must not end it, even if it has the right session id.
 */
export function isGenuine(token: RefreshToken, secrets: readonly Buffer[]): boolean {
  const seal = token.bytes.subarray(SEAL_AT)
  return secrets.some((secret) => timingSafeEqual(seal, sealOf(token.bytes, secret)))
}

interface Parts {
  readonly sessionId: string
  readonly generation: number
  readonly random: Buffer
  readonly secret: Buffer
}

function sealed({ sessionId, generation, random, secret }: Parts): RefreshToken {
  const bytes = Buffer.alloc(LENGTH)
  bytes[0] = VERSION
  bytes.write(sessionId.replaceAll('-', ''), SESSION_AT, 'hex')
  bytes.writeUInt32BE(generation, GENERATION_AT)
  random.copy(bytes, SECRET_AT)
  sealOf(bytes, secret).copy(bytes, SEAL_AT)
  return described(bytes, generation)
}

function sealOf(bytes: Buffer, secret: Buffer): Buffer {
  const mac = createHmac('sha256', secret).update('seal').update(bytes.subarray(0, SEAL_AT)).digest()
  return mac.subarray(0, LENGTH - SEAL_AT)
}

function described(bytes: Buffer, generation: number): RefreshToken {
  const hex = bytes.toString('hex', SESSION_AT, GENERATION_AT)
  const sessionId = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  return { sessionId, generation, text: bytes.toString('base64url'), hash: createHash('sha256').update(bytes).digest(), bytes }
}
