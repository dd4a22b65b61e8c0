import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suggest } from './suggest.ts'

test('the nearest name is offered, and nothing when none is near', () => {
  assert.equal(suggest('publishd', ['title', 'published']), 'published')
  assert.equal(suggest('creatdeAt', ['createdAt', 'updatedAt']), 'createdAt')
  assert.equal(suggest('created_at', ['createdAt']), 'createdAt')
  assert.equal(suggest('xyz', ['title', 'published']), undefined)
  assert.equal(suggest('a', ['b']), 'b')
  assert.equal(suggest('x'.repeat(10_000), ['title']), undefined)
})
