/**
 * The form of the tokens that Plinth signs: three canonical base64url parts, JSON without duplicate names or blanks, and three header
 * parameters. So each token has only one valid text, and parameters such as `jwk`, `jku`, `x5u` and `crit` are refused unread.
 */

import { isObject } from '../../../base/is-object.ts'

/** The algorithm of all tokens (RFC 8037). */
export const ALGORITHM = 'EdDSA'
/** The maximum length of a token in characters. Issued tokens have about 600. Longer texts are refused without parsing. */
const MAX_TOKEN_LENGTH = 4096

/** The parts of a token whose signature has not been checked. */
export interface UnverifiedToken {
  readonly typ: string
  readonly kid: string
  readonly payload: Readonly<Record<string, unknown>>
}

/** Reads a token without checking its signature; null for any other text. */
export function readCanonicalToken(token: string): UnverifiedToken | null {
  if (token.length > MAX_TOKEN_LENGTH) return null
  const parts = token.split('.')
  const [header, claims, signature] = parts
  if (parts.length !== 3 || header === undefined || claims === undefined || signature === undefined) return null
  if (!parts.every(isCanonical)) return null
  const [parameters, payload] = [parseCanonical(header), parseCanonical(claims)]
  if (parameters === null || payload === null || Object.keys(parameters).length !== 3) return null
  const { alg, typ, kid } = parameters
  return alg === ALGORITHM && typeof typ === 'string' && typeof kid === 'string' ? { typ, kid, payload } : null
}

function isCanonical(part: string): boolean {
  return part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part
}

function parseCanonical(part: string): Readonly<Record<string, unknown>> | null {
  const text = Buffer.from(part, 'base64url').toString()
  try {
    const value: unknown = JSON.parse(text)
    // Serialising gives the same text only for an object without repeated names.
    return isObject(value) && JSON.stringify(value) === text ? value : null
  } catch {
    return null
  }
}
