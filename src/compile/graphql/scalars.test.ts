import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConstValue } from 'graphql'
import { GRAPHQL_SCALARS } from './scalars.ts'

const literal = (kind: 'integer' | 'decimal' | 'timestamp', text: string) =>
  GRAPHQL_SCALARS[kind].coerceInputLiteral?.(parseConstValue(text))

test('a whole number has no fraction and is exact in JSON, in documents and in variables', () => {
  assert.equal(literal('integer', '-9007199254740991'), -9007199254740991)
  for (const text of ['1.5', '9007199254740992', '1e400', '"1"', 'true', 'null', '[1]'])
    assert.throws(() => literal('integer', text), /SafeInt/)
  for (const value of [1.5, 2 ** 53, '1', null]) assert.throws(() => GRAPHQL_SCALARS.integer.coerceInputValue(value), /SafeInt/)
})

test('a decimal keeps the digits that are written', () => {
  assert.equal(literal('decimal', '12345678901234567890.10'), '12345678901234567890.10')
  assert.equal(literal('decimal', '"1.50"'), '1.50')
  assert.throws(() => literal('decimal', 'true'), /Decimal/)
})

test('a timestamp is a text', () => {
  assert.throws(() => literal('timestamp', '0'), /DateTime/)
  assert.throws(() => GRAPHQL_SCALARS.timestamp.coerceInputValue(0), /DateTime/)
})
