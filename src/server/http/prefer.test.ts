import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPrefer } from './prefer.ts'

test('return=minimal is found among other preferences, in any spelling that RFC 7240 allows', () => {
  for (const header of [
    'return=minimal',
    'Return=MINIMAL',
    'respond-async, return=minimal',
    'return="minimal"',
    'return=minimal; x=1',
    ' return = minimal ',
  ])
    assert.equal(readPrefer(header), 'nothing', header)
})

test('any other preference returns the row', () => {
  for (const header of [
    null,
    '',
    'return=representation',
    'return',
    'return=',
    'return=minimalist',
    'x-return=minimal',
    'a="return=minimal',
    'handling=strict',
  ])
    assert.equal(readPrefer(header), 'row', String(header))
})

test('the first of two contradictory preferences counts', () => {
  assert.equal(readPrefer('return=representation, return=minimal'), 'row')
  assert.equal(readPrefer('return=minimal, return=representation'), 'nothing')
})
