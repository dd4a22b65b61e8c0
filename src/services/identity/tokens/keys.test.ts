import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { EnvironmentError } from '../../../base/environment-error.ts'
import { deriveSecrets, jwks, readKeys } from './keys.ts'

function fresh() {
  const { privateKey } = generateKeyPairSync('ed25519')
  const jwk = privateKey.export({ format: 'jwk' })
  return {
    pem: String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    der: privateKey.export({ format: 'der', type: 'pkcs8' }),
    jwk,
    seed: String(jwk.d),
  }
}

test('every format of a key gives the same key', () => {
  const key = fresh()
  const spellings = [
    key.pem,
    key.pem.replaceAll('\n', '\\n'),
    JSON.stringify(key.jwk),
    JSON.stringify([key.jwk]),
    JSON.stringify({ keys: [key.jwk] }),
    key.der.toString('base64'),
    key.der.toString('base64url'),
    key.seed,
  ]
  const kids = spellings.map((text) => readKeys('AUTH_KEYS', text).signing.kid)
  assert.equal(new Set(kids).size, 1)
})

test('the first of several keys signs and all of them verify', () => {
  const [a, b] = [fresh(), fresh()]
  for (const text of [a.pem + b.pem, `${a.seed},${b.seed}`, `${a.seed}\n${b.seed}`, JSON.stringify([a.jwk, b.jwk])]) {
    const keys = readKeys('AUTH_KEYS', text)
    assert.equal(keys.signing.kid, readKeys('AUTH_KEYS', a.pem).signing.kid)
    assert.equal(keys.byId.size, 2)
  }
})

test('a key that is given twice counts once', () => {
  const key = fresh()
  assert.equal(readKeys('AUTH_KEYS', key.pem + key.pem).byId.size, 1)
})

test('the key id is the thumbprint of RFC 7638 for Ed25519, as RFC 8037 A.3 prints it', async () => {
  const { calculateJwkThumbprint } = await import('jose')
  const [document] = jwks(readKeys('AUTH_KEYS', fresh().pem)).keys
  assert.ok(document)
  assert.equal(document.kid, await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: document.x }))
})

test('the published document contains no private key', () => {
  const key = fresh()
  const text = JSON.stringify(jwks(readKeys('AUTH_KEYS', key.pem)))
  assert.equal(text.includes(key.seed), false)
  assert.deepEqual(Object.keys(JSON.parse(text).keys[0]).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x'])
})

test('an unusable value is refused with the name of the setting and without the value', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' })
  const ed448 = generateKeyPairSync('ed448').privateKey.export({ format: 'pem', type: 'pkcs8' })
  const open = generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' })
  const bad = [
    String(rsa),
    String(ed448),
    String(open),
    '',
    ' , ',
    'not-a-key-but-secret-looking',
    '{"kty":"OKP","crv":"Ed25519","d":"hunter2hunter2"}',
    '{"broken',
    '[]',
    '{"keys":[null]}',
    '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5\n-----END PRIVATE KEY-----',
    Buffer.alloc(31, 7).toString('base64'),
  ]
  for (const text of bad) {
    assert.throws(
      () => readKeys('AUTH_KEYS', text),
      (error: unknown) => {
        assert.ok(error instanceof EnvironmentError, `accepted: ${text}`)
        assert.match(error.message, /AUTH_KEYS/)
        assert.match(error.hint, /openssl genpkey -algorithm ed25519/)
        for (const part of text.split(/\s/).filter((word) => word.length > 8 && !word.includes('-----'))) {
          assert.equal(`${error.message}${error.hint}${error.stack}`.includes(part), false)
        }
        return true
      },
    )
  }
})

test('published keys, and seeds of printable text, are refused', () => {
  const samples = [
    'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
    '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----',
    Buffer.alloc(32).toString('base64'),
    Buffer.from('please-change-me-please-change-m').toString('base64'),
  ]
  for (const text of samples) assert.throws(() => readKeys('AUTH_KEYS', text), /others could sign with it/)
})

test('secrets differ by purpose and by key, and the signing key comes first', () => {
  const [a, b] = [fresh(), fresh()]
  const both = readKeys('AUTH_KEYS', a.pem + b.pem)
  const alone = readKeys('AUTH_KEYS', b.pem)
  const hex = (secrets: readonly Buffer[]) => secrets.map((s) => s.toString('hex'))
  const [first, second] = hex(deriveSecrets(both, 'refresh'))
  assert.equal(second, hex(deriveSecrets(alone, 'refresh'))[0])
  assert.notEqual(first, second)
  assert.notEqual(first, hex(deriveSecrets(both, 'logins'))[0])
})
