import assert from 'node:assert/strict'
import test from 'node:test'
import { openUploadPlaces } from './upload-places.ts'

test('a sender has so many places, all have so many, and a place that is given back can be taken again', () => {
  const { take } = openUploadPlaces({ each: 2, all: 3 })
  const [first, second] = [take('a'), take('a')]
  assert.ok(typeof first === 'function' && typeof second === 'function')
  assert.equal(take('a'), 'of-sender')
  assert.equal(typeof take('b'), 'function')
  assert.equal(take('b'), 'of-all')
  first()
  assert.equal(typeof take('b'), 'function')
  assert.equal(take('a'), 'of-all')
  second()
  assert.equal(typeof take('a'), 'function')
})
