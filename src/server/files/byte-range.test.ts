import assert from 'node:assert/strict'
import test from 'node:test'
import { readRange } from './byte-range.ts'

test('a range of bytes is read as RFC 9110 has it', () => {
  assert.deepEqual(readRange('bytes=0-9', 100), { first: 0, last: 9 })
  assert.deepEqual(readRange('bytes=90-', 100), { first: 90, last: 99 })
  assert.deepEqual(readRange('bytes=-10', 100), { first: 90, last: 99 })
  assert.deepEqual(readRange('bytes=-1000', 100), { first: 0, last: 99 })
  assert.deepEqual(readRange('bytes=50-1000', 100), { first: 50, last: 99 })
})

test('a range without a byte of the file is none, and what is no single range is the whole file', () => {
  for (const none of ['bytes=100-', 'bytes=100-200', 'bytes=-0']) assert.equal(readRange(none, 100), 'none')
  for (const whole of [null, 'bytes=', 'bytes=-', 'bytes=9-1', 'bytes=0-1,5-6', 'lines=1-2', `bytes=${'1'.repeat(99)}-`])
    assert.equal(readRange(whole, 100), 'whole')
})
