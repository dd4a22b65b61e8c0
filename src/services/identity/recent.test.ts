import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recent } from './recent.ts'

test('what was used longest ago goes first, and is reported', () => {
  const gone: string[] = []
  const map = recent<string, number>(3, (key) => gone.push(key))
  for (const [i, key] of ['a', 'b', 'c'].entries()) map.set(key, i)
  map.get('a')
  map.set('d', 4)
  map.set('c', 5)
  map.set('e', 6)
  assert.deepEqual(gone, ['b', 'a'])
  assert.deepEqual([map.get('a'), map.get('b'), map.get('c'), map.get('d'), map.get('e')], [undefined, undefined, 5, 4, 6])
  map.delete('c')
  assert.equal(map.size(), 2)
})

test('it never holds more than its size', () => {
  const map = recent<number, number>(100)
  for (let i = 0; i < 10_000; i++) map.set(i, i)
  assert.equal(map.size(), 100)
})
