import assert from 'node:assert/strict'
import { test } from 'node:test'
import { between, bytesOf, textOf, utf8, utf8Length } from './utf8.ts'

const TEXTS = ['', 'plain', 'Grüße', '日本語', '😀 \u0000 \u2028', '"\\\n']

test('a text and its UTF-8 bytes have one length and one text', () => {
  for (const text of TEXTS) {
    const bytes = utf8(text)
    assert.equal(textOf(bytes), text)
    assert.equal(utf8Length(bytes), utf8Length(text))
  }
})

test('bytes between constants are those of the whole text', () => {
  for (const text of TEXTS) assert.deepEqual(bytesOf(between('{"a":', utf8(text), '}')), Buffer.from(`{"a":${text}}`))
})
