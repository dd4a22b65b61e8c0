import assert from 'node:assert/strict'
import { test } from 'node:test'
import { postOf } from '../../../test/support/resolved.ts'
import { list, text } from '../authoring/define.ts'

test('unique within another field is a constraint over both fields, and errors name the field with the option', () => {
  const { uniques } = postOf(
    { org: text(), slug: text({ unique: { within: 'org' } }), code: text({ unique: true }), a: text(), b: text() },
    { unique: [['a', 'b']] },
  )
  assert.deepEqual(uniques, [
    { fields: ['org', 'slug'], blame: 'slug', named: null },
    { fields: ['code'], blame: 'code', named: null },
    { fields: ['a', 'b'], blame: 'b', named: null },
  ])
})

test('indexes keep their order and direction; an index that begins with a list serves membership', () => {
  const { indexes } = postOf({ title: text(), tags: list(text()) }, { indexes: [['title', '-createdAt'], ['tags', 'title'], ['-id']] })
  assert.deepEqual(indexes, [
    {
      method: 'btree',
      parts: [
        { field: 'title', descending: false },
        { field: 'createdAt', descending: true },
      ],
    },
    {
      method: 'gin',
      parts: [
        { field: 'tags', descending: false },
        { field: 'title', descending: false },
      ],
    },
    { method: 'btree', parts: [{ field: 'id', descending: true }] },
  ])
})

test('search takes a list of fields, or fields and a language', () => {
  assert.deepEqual(postOf({ title: text() }, { search: ['title'] }).search, { fields: ['title'], language: 'simple' })
  assert.deepEqual(postOf({ title: text() }, { search: { fields: ['title'], language: 'german' } }).search, {
    fields: ['title'],
    language: 'german',
  })
})
