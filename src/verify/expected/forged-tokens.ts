/**
 * Access tokens that must be refused, from RFC 7515, 7519, 8725 and 9068: each differs from a valid token in one thing. Nothing here is
 * shared with the code that signs or checks tokens.
 */

import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** A token that must be refused. */
export interface ForgedToken {
  /** The name in cases: `alg-none`, `expired`. */
  readonly kind: string
  readonly token: string
  /** Why it must be refused. */
  readonly why: string
}

/** What tokens are forged from. */
export interface Genuine {
  /** A valid access token. */
  readonly token: string
  /** The private key of the backend, as PEM. */
  readonly pem: string
  /** The id of another account. */
  readonly otherAccount: string
}

/** The members of a part of a token. */
export type Members = Readonly<Record<string, unknown>>

const HOUR = 3_600

/** The kinds of tokens that can be made from a valid one without its key. */
export const WITHOUT_KEY: ReadonlySet<string> = new Set([
  ...[
    'alg-none',
    'alg-none-signed',
    'alg-None',
    'alg-hs256-empty',
    'alg-es256',
    'alg-changed',
    'other-key',
    'jwk-in-header',
    'jku-in-header',
  ],
  ...['other-subject', 'signature-cut', 'signature-changed', 'signature-missing', 'parts-swapped', 'part-added', 'padded'],
])

/** The names of all kinds, for denominators. */
export function forgedKinds(): readonly string[] {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = String(privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const token = signed({ alg: 'EdDSA' }, { sub: 'x' }, privateKey)
  return forgedTokens({ token, pem, otherAccount: 'y' }).map(({ kind }) => kind)
}

/** A valid token with other claims, signed again. */
export function reissued({ token, pem }: Omit<Genuine, 'otherAccount'>, payload: Readonly<Record<string, unknown>>): string {
  const [header = '', own = ''] = token.split('.')
  return signed(decoded(header), { ...decoded(own), ...payload }, createPrivateKey(pem))
}

/** The token with other members, signed by a key that the backend does not know. */
export function signedByAnother(
  token: string,
  { header = {}, payload = {} }: { readonly header?: Members; readonly payload?: Members },
): string {
  const [first = '', second = ''] = token.split('.')
  return signed({ ...decoded(first), ...header }, { ...decoded(second), ...payload }, generateKeyPairSync('ed25519').privateKey)
}

/** One token of each kind. */
export function forgedTokens({ token, pem, otherAccount }: Genuine): readonly ForgedToken[] {
  const [headerPart = '', payloadPart = '', signature = ''] = token.split('.')
  const [header, payload] = [decoded(headerPart), decoded(payloadPart)]
  const key = createPrivateKey(pem)
  const publicKey = createPublicKey(key)
  const publicPem = String(publicKey.export({ format: 'pem', type: 'spki' }))
  const other = generateKeyPairSync('ed25519').privateKey
  const otherJwk = createPublicKey(other).export({ format: 'jwk' })
  const now = Math.floor(Date.now() / 1000)
  const again = (changes: { readonly header?: Members; readonly payload?: Members }, by: KeyObject = key): string =>
    signed({ ...header, ...changes.header }, { ...payload, ...changes.payload }, by)
  const without = (name: string): string => signed(header, Object.fromEntries(Object.entries(payload).filter(([key]) => key !== name)), key)
  const hmac = (secret: string): string => {
    const text = `${encoded({ ...header, alg: 'HS256' })}.${payloadPart}`
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  }
  const forge = (kind: string, why: string, forged: string): ForgedToken => ({ kind, why, token: forged })
  return [
    forge('alg-none', 'RFC 8725 3.1: a token without a signature', `${encoded({ ...header, alg: 'none' })}.${payloadPart}.`),
    forge('alg-none-signed', 'RFC 8725 3.1: the algorithm none', `${encoded({ ...header, alg: 'none' })}.${payloadPart}.${signature}`),
    forge('alg-None', 'RFC 8725 3.1: the algorithm none in other letter case', `${encoded({ ...header, alg: 'None' })}.${payloadPart}.`),
    forge('alg-hs256-public-key', 'RFC 8725 2.1: the public key as the secret of an HMAC', hmac(publicPem)),
    forge('alg-hs256-empty', 'RFC 8725 3.2: an HMAC with an empty secret', hmac('')),
    forge('alg-es256', 'RFC 8725 3.1: another algorithm', foreign(header, payloadPart)),
    forge(
      'alg-changed',
      'RFC 8725 3.1: the signature is of another algorithm',
      `${encoded({ ...header, alg: 'RS256' })}.${payloadPart}.${signature}`,
    ),
    forge('other-key', 'RFC 7515 5.2: signed with another key', again({}, other)),
    forge('other-kid', 'RFC 8725 3.10: an unknown key', again({ header: { kid: 'unknown' } })),
    forge('kid-path', 'RFC 8725 3.10: a key named by a path', again({ header: { kid: '../../../dev/null' } })),
    forge('jwk-in-header', 'RFC 8725 3.10: the key comes with the token', again({ header: { jwk: otherJwk } }, other)),
    forge(
      'jku-in-header',
      'RFC 8725 3.10: the address of a key comes with the token',
      again({ header: { jku: 'http://127.0.0.1:9/keys' } }, other),
    ),
    forge(
      'crit-in-header',
      'RFC 7515 4.1.11: an extension that must be understood',
      again({ header: { crit: ['unknown'], unknown: true } }),
    ),
    forge('typ-jwt', 'RFC 9068 4: the type of another kind of token', again({ header: { typ: 'JWT' } })),
    forge(
      'typ-missing',
      'RFC 9068 4: no type',
      signed(Object.fromEntries(Object.entries(header).filter(([name]) => name !== 'typ')), payload, key),
    ),
    forge('expired', 'RFC 7519 4.1.4: expired an hour ago', again({ payload: { iat: now - 2 * HOUR, exp: now - HOUR } })),
    forge('expired-recently', 'RFC 7519 4.1.4: expired two minutes ago', again({ payload: { iat: now - HOUR, exp: now - 120 } })),
    forge('exp-missing', 'RFC 9068 2.2: it never expires', without('exp')),
    forge('exp-as-text', 'RFC 7519 2: a time is a number', again({ payload: { exp: String(now + HOUR) } })),
    forge('not-yet-valid', 'RFC 7519 4.1.5: valid in an hour', again({ payload: { nbf: now + HOUR } })),
    forge('issued-later', 'issued in an hour', again({ payload: { iat: now + HOUR, exp: now + 2 * HOUR } })),
    forge('other-issuer', 'RFC 8725 3.8: another issuer', again({ payload: { iss: 'https://other.example' } })),
    forge('issuer-missing', 'RFC 9068 4: no issuer', without('iss')),
    forge('other-audience', 'RFC 8725 3.9: for another service', again({ payload: { aud: 'https://other.example' } })),
    forge('audience-missing', 'RFC 9068 4: for no service', without('aud')),
    forge(
      'other-subject',
      'RFC 7515 5.2: the account was changed after signing',
      `${headerPart}.${encoded({ ...payload, sub: otherAccount })}.${signature}`,
    ),
    forge('subject-missing', 'RFC 9068 2.2: no account', without('sub')),
    forge('other-session', 'the session does not exist', again({ payload: { sid: '01900000-0000-7000-8000-00000000dead' } })),
    forge('signature-cut', 'RFC 7515 5.2: a part of the signature is missing', `${headerPart}.${payloadPart}.${signature.slice(0, -8)}`),
    forge('signature-changed', 'RFC 7515 5.2: one byte of the signature is another', `${headerPart}.${payloadPart}.${flipped(signature)}`),
    forge('signature-missing', 'RFC 7515 5.2: no signature', `${headerPart}.${payloadPart}.`),
    forge('parts-swapped', 'RFC 7515 3: the parts are in another order', `${payloadPart}.${headerPart}.${signature}`),
    forge('part-added', 'RFC 7515 3: a token has three parts', `${token}.${signature}`),
    forge('padded', 'RFC 7515 2: base64url without padding', `${token}==`),
  ]
}

function decoded(part: string): Members {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Members
}

function encoded(members: Members): string {
  return Buffer.from(JSON.stringify(members)).toString('base64url')
}

function signed(header: Members, payload: Members, key: KeyObject): string {
  const text = `${encoded(header)}.${encoded(payload)}`
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`
}

/** Signed with a key of its own of another algorithm. */
function foreign(header: Members, payloadPart: string): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const text = `${encoded({ ...header, alg: 'ES256' })}.${payloadPart}`
  return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

function flipped(signature: string): string {
  const bytes = Buffer.from(signature, 'base64url')
  bytes[0] = (bytes[0] ?? 0) ^ 1
  return bytes.toString('base64url')
}
