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

test('a value that was replaced, or dropped, is not found any more', () => {
  const cache = lru<number>(8)
  const keys = Array.from({ length: 9 }, (_, i) => `key ${i}`)
  for (const round of [1, 2]) {
    for (const [i, key] of keys.slice(0, 4).entries()) {
      cache.set(key, round * 10 + i)
      assert.deepEqual([cache.get(key), cache.get(key)], [round * 10 + i, round * 10 + i])
    }
  }
  for (const [i, key] of keys.slice(4).entries()) cache.set(key, i)
  assert.deepEqual([cache.get('key 0'), cache.get('key 1'), cache.size], [undefined, 21, 8])
})
