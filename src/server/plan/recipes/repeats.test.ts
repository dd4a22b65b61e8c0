import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openRepeats } from './repeats.ts'

test('a text is a repeat when it comes again', () => {
  const isRepeat = openRepeats(64)
  assert.deepEqual(
    ['a', 'b', 'a', 'b', 'a', '', '', '__proto__', '__proto__'].map((text) => isRepeat(text)),
    [false, false, true, true, true, false, true, false, true],
  )
})

test('few new texts are mistaken for repeats, and new texts replace old ones', () => {
  const isRepeat = openRepeats(64)
  assert.equal(isRepeat('first'), false)
  const repeats = Array.from({ length: 10_000 }, (_, i) => isRepeat(`filter[field${i}]=?`))
  assert.ok(repeats.filter((is) => is).length < 5)
  assert.equal(isRepeat('first'), false)
})
