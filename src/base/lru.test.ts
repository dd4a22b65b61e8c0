import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lru } from './lru.ts'

test('recently used entries stay, and the least recently used one is dropped', () => {
  const cache = lru<number>(2)
  cache.set('a', 1)
  cache.set('b', 2)
  assert.equal(cache.get('a'), 1)
  cache.set('c', 3)
  assert.deepEqual([cache.get('a'), cache.get('b'), cache.get('c'), cache.size], [1, undefined, 3, 2])
})

test('many new keys do not make the cache larger than its capacity', () => {
  const cache = lru<number>(10)
  for (let i = 0; i < 1000; i++) cache.set(String(i), i)
  assert.equal(cache.size, 10)
  assert.equal(cache.get('999'), 999)
})
