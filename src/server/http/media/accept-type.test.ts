import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prefersPage, wanted } from './accept-type.ts'

test('the most specific range decides', () => {
  assert.equal(wanted(undefined, 'text/csv'), 1)
  assert.equal(wanted('', 'text/csv'), 1)
  assert.equal(wanted('*/*', 'text/csv'), 1)
  assert.equal(wanted('text/*;q=0.5', 'text/csv'), 0.5)
  assert.equal(wanted('Text/CSV; header=present', 'text/csv'), 1)
  assert.equal(wanted('application/json, text/csv;q=0, */*', 'text/csv'), 0)
  assert.equal(wanted('text/csv;q=0.2, text/*;q=0.9', 'text/csv'), 0.2)
  assert.equal(wanted('application/json', 'text/csv'), 0)
  assert.equal(wanted('text/html', 'text/csv'), 0)
  assert.equal(wanted('text/csv;q=x', 'text/csv'), 1)
})

test('a browser prefers a page, and a program does not', () => {
  assert.equal(prefersPage('text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'), true)
  assert.equal(prefersPage('text/html'), true)
  for (const accept of [undefined, '*/*', 'application/json', 'application/json, text/html;q=0.9', 'text/html, application/json'])
    assert.equal(prefersPage(accept), false, String(accept))
})
