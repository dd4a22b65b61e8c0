import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runningText } from './run-lines.ts'

test('the running line guesses the time that is left from the time so far, after three seconds', () => {
  assert.equal(runningText(10, 40, 2_900), '  asking        25 %')
  assert.equal(runningText(10, 40, 4_000), '  asking        25 %, about 12 s left')
  assert.equal(runningText(40, 40, 4_000), '  asking        100 %, about 0 s left')
})
