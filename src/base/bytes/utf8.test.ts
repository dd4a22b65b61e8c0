import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asUtf8, textOf, utf8, utf8Length } from './utf8.ts'

const TEXTS = ['', 'plain', 'Grüße', '日本語', '😀 \u0000 \u2028', '"\\\n']

test('a text and its UTF-8 bytes have one length and one text', () => {
  for (const text of TEXTS) {
    const bytes = utf8(text)
    assert.equal(textOf(bytes), text)
    assert.equal(utf8Length(bytes), utf8Length(text))
  }
})

test('a part of a larger buffer is read as that part alone', () => {
  const whole = Buffer.from('«Grüße»')
  assert.equal(textOf(asUtf8(new Uint8Array(whole.buffer, whole.byteOffset + 2, whole.length - 4))), 'Grüße')
})
