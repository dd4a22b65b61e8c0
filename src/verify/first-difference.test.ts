import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstDifference } from './first-difference.ts'

test('a difference is described by its place and both values', () => {
  const row = { id: 'a', author: { email: 'x' }, tags: ['b'] }
  assert.equal(firstDifference(row, { ...row, author: { email: null } }), 'author.email is "x", expected null')
  assert.equal(firstDifference({ ...row, debug: 1 }, row), 'debug is 1, and must not be there')
  assert.equal(firstDifference({ id: 'a' }, { id: 'a', n: 2 }), 'n is missing, expected 2')
  assert.equal(firstDifference([row], [{ ...row, tags: [] }]), '[0].tags has 1 item, expected 0')
  assert.equal(firstDifference({ text: 'x'.repeat(900) }, { text: '' }).length, `text is "${'x'.repeat(199)}…, expected ""`.length)
  assert.equal(firstDifference(undefined, {}), 'it is nothing, expected {}')
})

test('rows that are there, or not, are named by their ids, and so is another order', () => {
  const rows = (...ids: readonly number[]) => ids.map((id) => ({ id, text: `row ${id}` }))
  assert.equal(firstDifference(rows(1, 2, 3), rows(1, 3)), 'the list has 3 items, expected 2: 2 must not be there')
  assert.equal(firstDifference({ data: rows(1) }, { data: rows(1, 4) }), 'data has 1 item, expected 2: 4 is missing')
  assert.equal(firstDifference(rows(1, 5), rows(1, 4)), 'the list has 2 items, expected 2: 5 must not be there: 4 is missing')
  assert.equal(firstDifference(rows(1, 2, 3), rows(1, 3, 2)), 'the list has 2 at place 1, expected 3: another order')
  assert.equal(firstDifference([1, 2], [1, 3]), '[1] is 2, expected 3')
})
