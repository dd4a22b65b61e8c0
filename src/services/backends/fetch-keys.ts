/** Loads the public keys of another backend, within limits. */

import { createPublicKey, type KeyObject } from 'node:crypto'
import { Pool } from 'undici'
import { isObject } from '../../base/is-object.ts'
import { unreachable } from '../../base/unreachable.ts'
import { type Exchanged, exchange } from '../http/exchange.ts'

/** Milliseconds for all of it. */
const LOAD_MS = 3_000
/** The most bytes of the document, and the most keys in it. */
const DOCUMENT_BYTES = 65_536
const MOST_KEYS = 50
const HEADER_BYTES = 16_384

/** Keys by `kid`. */
export type PublicKeys = ReadonlyMap<string, KeyObject>

/**
 * Loads the Ed25519 keys of `<issuer>/.well-known/jwks.json`. No redirect is followed.
 *
 * @throws Error whose message has no text of the answer.
 */
export async function fetchKeys(issuer: string): Promise<PublicKeys> {
  const { origin, pathname } = new URL(issuer)
  const limits = { headersTimeout: LOAD_MS, bodyTimeout: LOAD_MS, maxHeaderSize: HEADER_BYTES }
  const pool = new Pool(origin, { ...limits, connections: 1, connect: { timeout: LOAD_MS } })
  try {
    const loaded = await exchange(pool, {
      method: 'GET',
      path: `${pathname.replace(/\/$/, '')}/.well-known/jwks.json`,
      headers: { accept: 'application/json' },
      body: null,
      form: 'json',
      answerBytes: DOCUMENT_BYTES,
      signal: AbortSignal.timeout(LOAD_MS),
    })
    if (loaded.kind !== 'answer') throw new Error(noteOf(loaded))
    return keysOf(loaded.body)
  } finally {
    await pool.destroy()
  }
}

function noteOf(loaded: Exclude<Exchanged, { readonly kind: 'answer' }>): string {
  switch (loaded.kind) {
    case 'refused':
      return `it answered ${loaded.status}`
    case 'unusable':
    case 'unreachable':
      return loaded.note
    case 'aborted':
      return `no answer within ${LOAD_MS / 1_000} s`
    default:
      return unreachable(loaded)
  }
}

/**
 * The usable keys of a JWK Set. Keys of other kinds are left out, because a set may have some (RFC 7517 section 5). An empty set says that
 * all keys were withdrawn.
 */
function keysOf(document: unknown): PublicKeys {
  const listed = isObject(document) && Array.isArray(document.keys) ? document.keys : null
  if (listed === null || listed.length > MOST_KEYS) throw new Error(`the document is no set of at most ${MOST_KEYS} keys`)
  const keys = new Map<string, KeyObject>()
  for (const one of listed) {
    const key = keyOf(one)
    if (key !== null && !keys.has(key.kid)) keys.set(key.kid, key.key)
  }
  if (keys.size === 0 && listed.length > 0) throw new Error('the document has no Ed25519 key')
  return keys
}

/** 32 bytes in base64url. */
const COORDINATE = /^[\w-]{43}$/

function keyOf(jwk: unknown): { readonly kid: string; readonly key: KeyObject } | null {
  if (!isObject(jwk)) return null
  const { kty, crv, x, kid, alg = 'EdDSA', use = 'sig' } = jwk
  if (kty !== 'OKP' || crv !== 'Ed25519' || alg !== 'EdDSA' || use !== 'sig') return null
  if (typeof kid !== 'string' || kid === '' || kid.length > 200 || typeof x !== 'string' || !COORDINATE.test(x)) return null
  try {
    return { kid, key: createPublicKey({ key: { kty, crv, x }, format: 'jwk' }) }
  } catch {
    return null
  }
}
