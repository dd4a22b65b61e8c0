import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runningText } from './run-lines.ts'

test('the running line guesses the time that is left from the time so far, after three seconds', () => {
  assert.equal(runningText(10, 40, 2_900), '  asking        10 of 40 cases')
  assert.equal(runningText(10, 40, 4_000), '  asking        10 of 40 cases, about 12 s left')
  assert.equal(runningText(40, 40, 4_000), '  asking        40 of 40 cases, about 0 s left')
})
