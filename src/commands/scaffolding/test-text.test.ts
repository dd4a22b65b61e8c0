import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withIds } from './test-text.ts'

test('ids in an address become variables, and numbers that are no ids stay', () => {
  const names = new Map([
    ['1', 'post'],
    ['a b', 'tag'],
  ])
  assert.equal(withIds('/api/v1/posts/1?page[size]=10', names), '`/api/v1/posts/${post.id}?page[size]=10`')
  assert.equal(withIds('/api/tags/a%20b/posts?filter[id][in]=1,2', names), '`/api/tags/${tag.id}/posts?filter[id][in]=${post.id},2`')
  assert.equal(withIds("/api/v1/it's", names), "'/api/v1/it\\'s'")
})
