import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { SEEDED } from '../../../../test/support/random.ts'
import { Failure } from '../../../base/failure.ts'
import { readKeys, type SigningKeys } from './keys.ts'
import { openTokens } from './tokens.ts'

const ISSUER = 'https://api.example.org'
const AUDIENCE = 'blog'
const NOW = Date.UTC(2030, 0, 1)
const SUBJECT = { userId: '0191d2a0-0000-7000-8000-000000000001', sessionId: '6b1f4c1e-8a5e-4d6c-9a57-2f0f6a0f9b11', role: 'user' }

function newKeys(): SigningKeys {
  return readKeys('AUTH_KEYS', String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' })))
}

function opened(keys: SigningKeys) {
  const clock = { now: NOW }
  return { clock, tokens: openTokens({ keys, issuer: ISSUER, audience: AUDIENCE, now: () => clock.now, lastsSeconds: 900 }) }
}

async function assertRefused(verify: Promise<unknown>, what: string): Promise<void> {
  await assert.rejects(verify, (error: unknown) => {
    assert.ok(error instanceof Failure, what)
    assert.deepEqual(
      [error.code, error.status, error.detail, error.errors],
      ['invalid_token', 401, 'the token is not valid or no longer valid; sign in again', []],
      what,
    )
    return true
  })
}

test('a token names the user, the session and the role, and lasts 15 minutes', async () => {
  const { tokens, clock } = opened(newKeys())
  const token = await tokens.issue(SUBJECT)
  const [header, payload] = token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
  assert.deepEqual(Object.keys(header).sort(), ['alg', 'kid', 'typ'])
  assert.deepEqual([header.alg, header.typ], ['EdDSA', 'at+jwt'])
  const { jti, ...rest } = payload
  assert.match(jti, /^[0-9a-f-]{36}$/)
  assert.deepEqual(rest, {
    iss: ISSUER,
    aud: AUDIENCE,
    client_id: AUDIENCE,
    sub: SUBJECT.userId,
    sid: SUBJECT.sessionId,
    role: 'user',
    iat: NOW / 1000,
    exp: NOW / 1000 + 900,
  })
  const verified = await tokens.verify(token)
  assert.deepEqual([verified.userId, verified.sessionId], [SUBJECT.userId, SUBJECT.sessionId])
  clock.now = NOW + 929_000
  await tokens.verify(token)
  clock.now = NOW + 931_000
  await assertRefused(tokens.verify(token), 'expired, from memory')
  await assertRefused(tokens.verify(token), 'expired, verified anew')
})

test('any JWT library can check a token with only the published keys', async () => {
  const { createLocalJWKSet, jwtVerify } = await import('jose')
  const { jwks } = await import('./keys.ts')
  const keys = newKeys()
  const token = await opened(keys).tokens.issue(SUBJECT)
  const published = createLocalJWKSet({ keys: jwks(keys).keys.map((key) => ({ ...key })) })
  const { payload } = await jwtVerify(token, published, { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt', currentDate: new Date(NOW) })
  assert.equal(payload.sub, SUBJECT.userId)
})

test('a new key signs, and tokens of the old key stay valid until the old key is removed', async () => {
  const pem = () => String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const [k1, k2] = [pem(), pem()]
  const old = await opened(readKeys('AUTH_KEYS', k1)).tokens.issue(SUBJECT)
  const both = opened(readKeys('AUTH_KEYS', k2 + k1)).tokens
  await both.verify(old)
  await both.verify(await both.issue(SUBJECT))
  await assertRefused(opened(readKeys('AUTH_KEYS', k2)).tokens.verify(old), 'removed key')
})

interface Forgery {
  readonly header?: Readonly<Record<string, unknown>>
  readonly payload?: Readonly<Record<string, unknown>>
  readonly headerText?: string
  readonly payloadText?: string
  readonly sign?: (input: string) => Buffer
}

/** Forged tokens by name. If the attack is not on the signature, the token is signed with the real key. */
function forgeries(keys: SigningKeys, good: string): ReadonlyMap<string, string> {
  const { kid } = keys.signing
  const other = generateKeyPairSync('ed25519')
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const publicPem = String(keys.signing.public.export({ format: 'pem', type: 'spki' }))
  const header = { alg: 'EdDSA', typ: 'at+jwt', kid }
  const iat = NOW / 1000
  const payload = {
    iss: ISSUER,
    aud: AUDIENCE,
    client_id: AUDIENCE,
    sub: SUBJECT.userId,
    sid: SUBJECT.sessionId,
    role: 'admin',
    iat,
    exp: iat + 900,
    jti: 'j',
  }
  const encode = (text: string) => Buffer.from(text).toString('base64url')
  const signed = (key: KeyObject) => (input: string) => signBytes(null, Buffer.from(input), key)
  const forge = (f: Forgery) => {
    const input = `${encode(f.headerText ?? JSON.stringify({ ...header, ...f.header }))}.${encode(f.payloadText ?? JSON.stringify({ ...payload, ...f.payload }))}`
    return `${input}.${(f.sign ?? signed(keys.signing.private))(input).toString('base64url')}`
  }
  const hmac = (secret: string | Buffer) => (input: string) => createHmac('sha256', secret).update(input).digest()
  const [h, p, s] = good.split('.') as [string, string, string]
  const text = JSON.stringify(payload)
  const jwk = other.publicKey.export({ format: 'jwk' })
  const without = (name: keyof typeof payload) => JSON.stringify({ ...payload, [name]: undefined })
  return new Map([
    ['alg none, no signature', forge({ header: { alg: 'none' }, sign: () => Buffer.alloc(0) })],
    ['alg nOnE', forge({ header: { alg: 'nOnE' }, sign: () => Buffer.alloc(0) })],
    ['alg none, signed', forge({ header: { alg: 'none' } })],
    ['HS256 with the public key as PEM', forge({ header: { alg: 'HS256' }, sign: hmac(publicPem) })],
    [
      'HS256 with the public key as bytes',
      forge({ header: { alg: 'HS256' }, sign: hmac(Buffer.from(String(keys.signing.document.x), 'base64url')) }),
    ],
    ['HS256 with the kid', forge({ header: { alg: 'HS256' }, sign: hmac(kid) })],
    ['RS256', forge({ header: { alg: 'RS256' }, sign: (input) => signBytes('sha256', Buffer.from(input), rsa.privateKey) })],
    ['signed with another key, our kid', forge({ sign: signed(other.privateKey) })],
    ['an embedded jwk', forge({ header: { jwk }, sign: signed(other.privateKey) })],
    ['an embedded jwk, signed with our key', forge({ header: { jwk } })],
    ['jku', forge({ header: { jku: 'https://evil.example/jwks.json' }, sign: signed(other.privateKey) })],
    ['x5u', forge({ header: { x5u: 'https://evil.example/cert.pem' }, sign: signed(other.privateKey) })],
    ['x5c', forge({ header: { x5c: ['MIIB'] }, sign: signed(other.privateKey) })],
    ['kid of a path', forge({ header: { kid: '../../../../dev/null' }, sign: hmac('') })],
    ['kid of SQL', forge({ header: { kid: "x' union select 'k" } })],
    ['kid of the prototype', forge({ header: { kid: '__proto__' } })],
    ['no kid', forge({ headerText: JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt' }) })],
    ['crit', forge({ header: { crit: ['exp'] } })],
    ['b64 false', forge({ header: { b64: false, crit: ['b64'] } })],
    ['typ JWT', forge({ header: { typ: 'JWT' } })],
    ['no typ', forge({ headerText: JSON.stringify({ alg: 'EdDSA', kid }) })],
    ['another issuer', forge({ payload: { iss: 'https://evil.example' } })],
    ['issuer with a slash more', forge({ payload: { iss: `${ISSUER}/` } })],
    ['another audience', forge({ payload: { aud: 'shop' } })],
    ['no audience', forge({ payloadText: without('aud') })],
    ['expired', forge({ payload: { iat: iat - 3600, exp: iat - 31 } })],
    ['no expiry', forge({ payloadText: without('exp') })],
    ['expiry as text', forge({ payload: { exp: '9999999999' } })],
    ['not yet valid', forge({ payload: { nbf: iat + 31 } })],
    ['issued in the future', forge({ payload: { iat: iat + 31, exp: iat + 931 } })],
    ['no session', forge({ payloadText: without('sid') })],
    ['a session of SQL', forge({ payload: { sid: "' or true --" } })],
    ['no subject', forge({ payload: { sub: '' } })],
    ['a subject that is no text', forge({ payload: { sub: 1 } })],
    ['no jti', forge({ payloadText: without('jti') })],
    ['a duplicate claim', forge({ payloadText: text.replace('"role":', '"sub":"someone-else","role":') })],
    ['a duplicate header parameter', forge({ headerText: JSON.stringify(header).replace('{', '{"alg":"none",') })],
    ['an array as payload', forge({ payloadText: JSON.stringify([payload]) })],
    ['null as payload', forge({ payloadText: 'null' })],
    ['truncated signature', good.slice(0, -4)],
    ['no signature', `${h}.${p}.`],
    ['two parts', `${h}.${p}`],
    ['four parts', `${good}.${s}`],
    ['five parts, like encryption', `${h}..${p}.${s}.${s}`],
    ['payload of another token', `${h}.${encode(text)}.${s}`],
    ['padding', `${h}.${p}.${s}==`],
    ['a blank before', ` ${good}`],
    ['a line break in the middle', `${h}.\n${p}.${s}`],
    ['base64 of the other alphabet', `${h}.${p}.${s.replace(/[-_]/g, (c) => (c === '-' ? '+' : '/'))}=`],
    ['the same signature in other bits', `${h}.${p}.${s.slice(0, -1)}${nextLetter(s.at(-1) ?? 'A')}`],
    ['huge', forge({ payload: { role: 'x'.repeat(5000) } })],
    ['one megabyte of dots', '.'.repeat(1_000_000)],
    ['nothing', ''],
    ['two dots', '..'],
    ['the text null', 'null'],
  ])
}

/** Another last letter for 64 bytes in base64url. It has four unused bits; the used bits stay the same. */
function nextLetter(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet[alphabet.indexOf(letter) ^ 1] ?? 'A'
}

test('every forged token gets the same answer, and Plinth sends no request', async (t) => {
  const keys = newKeys()
  const { tokens } = opened(keys)
  const good = await tokens.issue(SUBJECT)
  await tokens.verify(good)
  const fetched = t.mock.method(globalThis, 'fetch')
  const forged = forgeries(keys, good)
  assert.ok(forged.size >= 28)
  for (const [name, token] of forged) {
    await assertRefused(tokens.verify(token), name)
    await assertRefused(tokens.verify(token), `${name}, again`)
  }
  assert.equal(fetched.mock.callCount(), 0)
  await tokens.verify(good)
})

test('a token with any changed character is invalid', async () => {
  const { tokens } = opened(newKeys())
  const good = await tokens.issue(SUBJECT)
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.constantFrom(...'ABYZabyz0189-_.= \n\u0000é'), async (at, letter) => {
      fc.pre(good[at] !== letter)
      await assertRefused(tokens.verify(good.slice(0, at) + letter + good.slice(at + 1)), `${letter} at ${at}`)
    }),
    { numRuns: 500, ...SEEDED },
  )
})

test('ten thousand invalid tokens do not remove a valid token from the cache', async () => {
  const keys = newKeys()
  const { tokens } = opened(keys)
  const good = await tokens.issue(SUBJECT)
  const first = await tokens.verify(good)
  for (let i = 0; i < 12_000; i++) await tokens.verify(`${good.slice(0, 20)}${i}`).catch(() => {})
  // It is the same object, so it comes from the cache.
  assert.equal(await tokens.verify(good), first)
})
