/**
 * The keys that sign access tokens: Ed25519 only (RFC 8032, RFC 8037). The first key signs and all keys verify, so a key can be replaced
 * without ending sessions. All other secrets are derived from these keys, so operators set and rotate only one secret.
 */

import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject, type webcrypto } from 'node:crypto'
import { EnvironmentError } from '../../../base/environment-error.ts'
import { unreachable } from '../../../base/unreachable.ts'

/** A public Ed25519 key as a JSON Web Key (RFC 7517, RFC 8037). */
export interface PublicKey {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  /** RFC 7638 thumbprint. */
  readonly kid: string
  readonly alg: 'EdDSA'
  readonly use: 'sig'
}

/** A JSON Web Key Set (RFC 7517), as in `/.well-known/jwks.json`. */
export interface PublicKeySet {
  readonly keys: readonly PublicKey[]
}

/** A key pair with its public document. */
export interface SigningKey {
  readonly kid: string
  readonly private: KeyObject
  readonly public: KeyObject
  readonly document: PublicKey
}

/** The keys of a backend. */
export interface SigningKeys {
  readonly signing: SigningKey
  /** All keys by `kid`, the signing key first. */
  readonly byId: ReadonlyMap<string, SigningKey>
}

/** The hint for a key that cannot be used. Errors never contain the key. */
const HOW_TO_MAKE = 'make one with: openssl genpkey -algorithm ed25519'

/** Published private keys, which anybody can use to sign: the seeds of RFC 8037 A.1, RFC 8410 10.3 and RFC 8032 7.1 (tests 1 to 3). */
const PUBLISHED_SEEDS: ReadonlySet<string> = new Set([
  '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  'd4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842',
  '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
  'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
])

/**
 * Reads the value of the setting `name`: PKCS#8 PEM blocks, a private JWK, an array or set of them, or base64 (plain or URL-safe) of PKCS#8
 * DER or of the 32-byte seed; several keys are separated by commas or white space. The first key signs.
 *
 * @throws EnvironmentError when a key cannot be used. It names the setting and never contains the value.
 */
export function readKeys(name: string, text: string): SigningKeys {
  const keys: SigningKey[] = []
  for (const [index, source] of splitKeys(name, text).entries()) {
    const key = signingKey(name, index, source)
    if (!keys.some((k) => k.kid === key.kid)) keys.push(key)
  }
  const [signing] = keys
  if (signing === undefined) throw new EnvironmentError(`${name} holds no key`, HOW_TO_MAKE)
  return { signing, byId: new Map(keys.map((key) => [key.kid, key])) }
}

/** Returns the public keys. */
export function jwks(keys: SigningKeys): PublicKeySet {
  return { keys: [...keys.byId.values()].map((key) => key.document) }
}

/**
 * Derives a 256-bit secret for one purpose from each key, the signing key first (HKDF-SHA256, RFC 5869). A secret reveals nothing about the
 * key, or about secrets for other purposes.
 */
export function deriveSecrets(keys: SigningKeys, purpose: string): readonly [Buffer, ...Buffer[]] {
  const derive = (key: SigningKey) => Buffer.from(hkdfSync('sha256', seedOf(key.private), '', `plinth/${purpose}`, 32))
  const others = [...keys.byId.values()].filter((key) => key.kid !== keys.signing.kid)
  return [derive(keys.signing), ...others.map(derive)]
}

type Source =
  | { readonly kind: 'pem'; readonly text: string }
  | { readonly kind: 'jwk'; readonly value: unknown }
  | { readonly kind: 'base64'; readonly text: string }

function splitKeys(name: string, text: string): readonly Source[] {
  // Settings files and container platforms often cannot hold line breaks, so `\n` is accepted.
  const plain = text.replaceAll('\\n', '\n').trim()
  if (plain.includes('-----BEGIN')) {
    return [...plain.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g)].map(([pem]) => ({ kind: 'pem', text: pem }))
  }
  if (plain.startsWith('{') || plain.startsWith('[')) return jwkSources(name, plain)
  return plain
    .split(/[\s,]+/)
    .filter((item) => item !== '')
    .map((item) => ({ kind: 'base64', text: item }))
}

function jwkSources(name: string, text: string): readonly Source[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new EnvironmentError(`${name} looks like JSON but is not`, HOW_TO_MAKE)
  }
  const list = Array.isArray(value) ? value : hasKeys(value) ? value.keys : [value]
  return list.map((item) => ({ kind: 'jwk', value: item }))
}

function hasKeys(value: unknown): value is { readonly keys: readonly unknown[] } {
  return typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys)
}

function signingKey(name: string, index: number, source: Source): SigningKey {
  const which = `${name}, key ${index + 1}`
  let key: KeyObject
  try {
    key = privateKey(source)
  } catch {
    // The error has no cause, because messages of parsers quote the text.
    throw new EnvironmentError(`${which} cannot be read as a private key`, HOW_TO_MAKE)
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new EnvironmentError(`${which} is of type ${key.asymmetricKeyType ?? 'unknown'}; only Ed25519 is accepted`, HOW_TO_MAKE)
  }
  if (isGuessable(seedOf(key))) {
    throw new EnvironmentError(`${which} is a published sample or not random; others could sign with it`, HOW_TO_MAKE)
  }
  return withPublic(key)
}

function privateKey(source: Source): KeyObject {
  switch (source.kind) {
    case 'pem':
      return createPrivateKey(source.text)
    case 'jwk':
      return createPrivateKey({ key: source.value as webcrypto.JsonWebKey, format: 'jwk' })
    case 'base64': {
      const bytes = Buffer.from(source.text, 'base64')
      return createPrivateKey({ key: bytes.length === 32 ? Buffer.concat([PKCS8_PREFIX, bytes]) : bytes, format: 'der', type: 'pkcs8' })
    }
    default:
      return unreachable(source)
  }
}

/** The bytes before the seed in the PKCS#8 form of an Ed25519 key (RFC 8410 section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The 32 secret bytes of an Ed25519 key (RFC 8032 section 5.1.5). */
function seedOf(key: KeyObject): Buffer {
  const { d } = key.export({ format: 'jwk' })
  return Buffer.from(d ?? '', 'base64url')
}

/** Whether a seed is published, has few different bytes, or consists of printable characters. Random seeds do not. */
function isGuessable(seed: Buffer): boolean {
  return PUBLISHED_SEEDS.has(seed.toString('hex')) || new Set(seed).size < 12 || seed.every((byte) => byte >= 0x20 && byte < 0x7f)
}

function withPublic(key: KeyObject): SigningKey {
  const publicKey = createPublicKey(key)
  const x = String(publicKey.export({ format: 'jwk' }).x)
  // RFC 7638 with the members of RFC 8037 section 2, in lexical order.
  const kid = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url')
  return { kid, private: key, public: publicKey, document: { kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' } }
}
