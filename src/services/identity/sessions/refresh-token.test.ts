import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { SEEDED } from '../../../../test/support/random.ts'
import { firstToken, isGenuine, parseRefreshToken, successor } from './refresh-token.ts'

const secret = randomBytes(32)
const other = randomBytes(32)

test('ten thousand tokens are all different and have more than 128 random bits', () => {
  const tokens = Array.from({ length: 10_000 }, () => firstToken(randomUUID(), secret))
  assert.equal(new Set(tokens.map((t) => t.text)).size, 10_000)
  assert.equal(new Set(tokens.map((t) => t.bytes.subarray(21, 53).toString('hex'))).size, 10_000)
  for (const token of tokens) assert.match(token.text, /^[\w-]{92}$/)
})

test('two sessions with one id have different tokens', () => {
  const id = randomUUID()
  assert.notEqual(firstToken(id, secret).text, firstToken(id, secret).text)
})

test('parsing a token gives its session, generation and hash', () => {
  const id = randomUUID()
  let token = firstToken(id, secret)
  for (let generation = 0; generation < 20; generation++) {
    assert.deepEqual(parseRefreshToken(token.text), token)
    assert.deepEqual([token.sessionId, token.generation], [id, generation])
    token = successor(token, secret)
  }
})

test('a token has one successor, and computing it needs both the token and the secret', () => {
  const token = firstToken(randomUUID(), secret)
  assert.equal(successor(token, secret).text, successor(token, secret).text)
  assert.notEqual(successor(token, secret).text, successor(token, other).text)
  assert.notEqual(successor(token, secret).text, successor(firstToken(token.sessionId, secret), secret).text)
})

test('only tokens that this backend issued are genuine, at any age', () => {
  const token = firstToken(randomUUID(), secret)
  const later = successor(successor(token, secret), secret)
  for (const issued of [token, later]) {
    assert.equal(isGenuine(issued, [secret]), true)
    assert.equal(isGenuine(issued, [other, secret]), true)
    assert.equal(isGenuine(issued, [other]), false)
    assert.equal(isGenuine(issued, []), false)
  }
})

test('a token with any changed bit is not genuine', () => {
  const token = firstToken(randomUUID(), secret)
  fc.assert(
    fc.property(fc.nat(token.bytes.length * 8 - 1), (bit) => {
      const bytes = Buffer.from(token.bytes)
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const changed = parseRefreshToken(bytes.toString('base64url'))
      if (changed !== null) assert.equal(isGenuine(changed, [secret]), false)
    }),
    SEEDED,
  )
})

test('a text without the form of a token gives null', () => {
  const good = firstToken(randomUUID(), secret).text
  for (const text of ['', good.slice(1), `${good}=`, `${good} `, `${good}\n`, good.replace(/./, '/'), 'A'.repeat(92), 'x'.repeat(1e6)]) {
    assert.equal(parseRefreshToken(text), null, text.slice(0, 100))
  }
  fc.assert(
    fc.property(fc.string(), (text) => parseRefreshToken(text) === null),
    SEEDED,
  )
})
