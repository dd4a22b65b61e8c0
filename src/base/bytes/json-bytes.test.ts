import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endBytes, openBytes } from './byte-writer.ts'
import { writeText, writeTimestamp } from './json-bytes.ts'

/** The JSON string that `writeText` writes for the bytes of `text`, which lie at offset `at` of a buffer. */
function written(text: string, at: number): string {
  const from = Buffer.concat([Buffer.alloc(at, '"'), Buffer.from(text, 'latin1'), Buffer.from('"\\\n')])
  const out = openBytes()
  writeText(out, from, at, text.length)
  return endBytes(out).octets
}

test('each byte is found at each place of a text, short or long, and at each offset', () => {
  for (let byte = 0; byte < 256; byte++) {
    const character = String.fromCharCode(byte)
    for (const length of [1, 7, 80]) {
      for (let place = 0; place < length; place += length < 10 ? 1 : 13) {
        const text = `${'x'.repeat(place)}${character}${'ÿ'.repeat(length - place - 1)}`
        for (let at = 0; at < 4; at++) assert.equal(written(text, at), JSON.stringify(text), `byte ${byte} at ${place} of ${length}`)
      }
    }
  }
})

test('escaped bytes that follow each other are all escaped', () => {
  const text = `${'"\\\b\f\n\r\t\u0001\u001f\u007f'.repeat(12)}${'x'.repeat(70)}""`
  for (let at = 0; at < 4; at++) assert.equal(written(text, at), JSON.stringify(text))
})

test('each part of a time has its digits', () => {
  const epoch = Date.UTC(2000, 0, 1)
  for (const ms of [0, 1, 9, 10, 99, 100, 999, 59_999, 3_599_999, 35_999_999, 86_399_999, 1e12 + 7, -1, -1e12]) {
    const from = Buffer.alloc(8)
    from.writeBigInt64BE(BigInt(ms) * 1000n)
    const out = openBytes()
    writeTimestamp(out, from, 0)
    assert.equal(endBytes(out).octets, JSON.stringify(new Date(epoch + ms)))
  }
})
