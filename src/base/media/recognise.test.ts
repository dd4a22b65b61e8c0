import assert from 'node:assert/strict'
import test from 'node:test'
import { ANY_BYTES, FILE_KINDS } from './file-kinds.ts'
import { recognise } from './recognise.ts'

const PNG = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')
const of = (sample: Buffer | string, declared: string | null, accept: readonly string[] | null) =>
  recognise({ sample: Buffer.from(sample), declared, accept })

test('a file is what its content says, whatever its sender says', () => {
  assert.equal(of(PNG, 'application/pdf', null), 'image/png')
  assert.equal(of(PNG, 'image/jpeg', ['image/jpeg']), null)
  assert.equal(of(PNG, null, ['image/*']), 'image/png')
  assert.equal(of('<script>alert(1)</script>', 'image/png', ['image/png', 'image/jpeg']), null)
  assert.equal(of('MZ\x90\0\x03', 'image/png', ['image/*', 'application/pdf']), null)
})

test('the sender decides between types of text', () => {
  assert.equal(of('a,b\n1,2\n', 'text/csv', null), 'text/csv')
  assert.equal(of('a,b\n1,2\n', null, ['text/csv']), 'text/csv')
  assert.equal(of('a,b\n1,2\n', null, null), 'text/plain')
  assert.equal(of('{"a":1}', 'application/json', null), 'application/json')
  assert.equal(of('hello', 'image/svg+xml', ['image/svg+xml']), null)
  assert.equal(of(Buffer.from([0x68, 0x69, 0xff]), 'text/plain', ['text/plain']), null)
})

test('a character that is cut at the end of the first bytes is no error', () => {
  assert.equal(of(Buffer.from('naïve').subarray(0, 3), 'text/plain', ['text/plain']), 'text/plain')
})

test('bytes of no known type are accepted only where all types are', () => {
  assert.equal(of(Buffer.from([0, 1, 2, 3]), null, null), ANY_BYTES)
  assert.equal(of(Buffer.from([0, 1, 2, 3]), 'image/png', ['image/png']), null)
})

test('no sample of a type of bytes is taken for an earlier type', () => {
  for (const [type, { recognised }] of FILE_KINDS) {
    if (recognised.by !== 'bytes') continue
    for (const mark of recognised.any) {
      const sample = Buffer.alloc(600)
      if (recognised.and !== undefined) sample.write(recognised.and.bytes, recognised.and.at ?? 0, 'latin1')
      sample.write(mark.bytes, mark.at ?? 40, 'latin1')
      assert.equal(of(sample, null, null), type)
      assert.equal(of(sample, 'text/plain', [type]), type)
    }
  }
})
