import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { readKeys } from './keys.ts'
import { openRowTokens } from './row-tokens.ts'

function newPem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

test('a secret leads to the text of its row, and the same text gives the same secret', () => {
  const tokens = openRowTokens(readKeys('AUTH_KEYS', newPem()))
  const stored = tokens.newStored()
  assert.match(stored, /^[0-9a-f]{32}$/)
  const text = tokens.textOf(stored)
  assert.match(text, /^[A-Za-z0-9_-]{64}$/)
  assert.deepEqual([tokens.textOf(stored), tokens.storedOf(text)], [text, stored])
  assert.notEqual(tokens.newStored(), stored)
})

test('a text that differs in one character, has another length or other characters is no secret', () => {
  const tokens = openRowTokens(readKeys('AUTH_KEYS', newPem()))
  const text = tokens.textOf(tokens.newStored())
  const changed = [...text].map((character, i) => text.slice(0, i) + (character === 'A' ? 'B' : 'A') + text.slice(i + 1))
  for (const wrong of [
    ...changed,
    '',
    text.slice(1),
    `${text}A`,
    `${text.slice(0, 63)}=`,
    `${text.slice(0, 32)} ${text.slice(32)}`,
    '\u0000',
  ])
    assert.equal(tokens.storedOf(wrong), null, wrong)
})

test('secrets of a former key are read while the key is kept, and not afterwards', () => {
  const [former, current] = [newPem(), newPem()]
  const before = openRowTokens(readKeys('AUTH_KEYS', former))
  const stored = before.newStored()
  const text = before.textOf(stored)
  const both = openRowTokens(readKeys('AUTH_KEYS', `${current}\n${former}`))
  assert.equal(both.storedOf(text), stored)
  assert.notEqual(both.textOf(stored), text)
  assert.equal(openRowTokens(readKeys('AUTH_KEYS', current)).storedOf(text), null)
})
