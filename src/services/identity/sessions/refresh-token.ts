/**
 * Refresh tokens: 256 random bits that are worth nothing without their row. Every token has one successor, which only the token and this backend's secret
 * together give: so whoever lost the answer to a refresh, or asked twice at once, gets the same successor again, and no token is ever stored.
 */

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Version 1: 1 byte version, 16 session id, 4 generation, 32 secret, 16 seal. 69 bytes are 92 letters of base64url with no bit to spare. */
const VERSION = 1
const SESSION_AT = 1
const GENERATION_AT = 17
const SECRET_AT = 21
const SEAL_AT = 53
const LENGTH = 69
const TEXT = /^[\w-]{92}$/

export interface RefreshToken {
  readonly sessionId: string
  /** 0 for the token that began the session, then one more a rotation. */
  readonly generation: number
  readonly text: string
  /** What is stored: SHA-256 of the whole token. */
  readonly hash: Buffer
  readonly bytes: Buffer
}

/** The first token of a session. */
export function firstToken(sessionId: string, secret: Buffer): RefreshToken {
  return sealed({ sessionId, generation: 0, random: randomBytes(SEAL_AT - SECRET_AT), secret })
}

/** The one token that follows `token` under `secret`. */
export function successor(token: RefreshToken, secret: Buffer): RefreshToken {
  const random = createHmac('sha256', secret).update('successor').update(token.bytes).digest()
  return sealed({ sessionId: token.sessionId, generation: token.generation + 1, random, secret })
}

/** Reads the form of a token; null when it has none. Says nothing of whether it was ever issued. */
export function parseRefreshToken(text: string): RefreshToken | null {
  if (!TEXT.test(text)) return null
  const bytes = Buffer.from(text, 'base64url')
  if (bytes[0] !== VERSION) return null
  const generation = bytes.readUInt32BE(GENERATION_AT)
  // The column is an integer of four bytes with a sign.
  return generation >= 0x7fffffff ? null : described(bytes, generation)
}

/**
 * True when one of the secrets sealed it: it was issued here, however long ago. This is what tells an old token (somebody uses it twice) from an invented
 * one (anybody can write that, and must not be able to end a session whose id he knows).
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
