import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lru } from './lru.ts'
import { memo, memoPair, memoText, recall } from './memo.ts'

/** Counts calls: each call of `next` gives the next number. */
function counter(): () => number {
  let calls = 0
  return () => ++calls
}

test('memo makes one result for each object, even for equal objects', () => {
  const next = counter()
  const number = memo((_: { readonly name: string }) => next())
  const [a, twin] = [{ name: 'a' }, { name: 'a' }]
  assert.deepEqual([number(a), number(twin), number(a)], [1, 2, 1])
})

test('memo keeps null as a result', () => {
  const next = counter()
  const nothing = memo((_: object) => (next() > 1 ? 'made again' : null))
  const key = {}
  assert.deepEqual([nothing(key), nothing(key)], [null, null])
})

test('memo keeps no error: the next call tries again', () => {
  const next = counter()
  const flaky = memo((_: object) => {
    const call = next()
    if (call === 1) throw new Error('first call')
    return call
  })
  const key = {}
  assert.throws(() => flaky(key), /first call/)
  assert.deepEqual([flaky(key), flaky(key)], [2, 2])
})

test('memoPair makes one result for each pair, and the order of the pair matters', () => {
  const next = counter()
  const number = memoPair((_: object, __: object) => next())
  const [a, b] = [{}, {}]
  assert.deepEqual([number(a, a), number(a, b), number(b, a), number(a, b), number(a, a)], [1, 2, 3, 2, 1])
})

test('memoText drops the result that was used least recently', () => {
  const made: string[] = []
  const upper = memoText(2, (key) => {
    made.push(key)
    return key.toUpperCase()
  })
  assert.deepEqual(['a', 'b', 'a', 'c', 'a', 'b'].map(upper), ['A', 'B', 'A', 'C', 'A', 'B'])
  assert.deepEqual(made, ['a', 'b', 'c', 'b'])
})

test('recall fills the given cache, and leaves it alone if making fails', () => {
  const cache = lru<number>(10)
  const fail = () => {
    throw new Error('cannot be made')
  }
  assert.throws(() => recall(cache, 'a', fail), /cannot be made/)
  assert.equal(cache.size, 0)
  assert.equal(
    recall(cache, 'a', () => 1),
    1,
  )
  assert.equal(recall(cache, 'a', fail), 1)
})
