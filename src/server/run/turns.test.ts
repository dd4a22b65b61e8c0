import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTurns } from './turns.ts'

function spin(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

test('lists of long work take turns: between two turns of the event loop, one part of one list is done', async () => {
  const perTurn = [0]
  let isOver = false
  const count = (): void => {
    perTurn.push(0)
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  const done: number[] = []
  const lists = Array.from({ length: 8 }, (_, list) =>
    inTurns([1, 2, 3], async () => {
      spin(1.5)
      done.push(list)
      perTurn.push((perTurn.pop() ?? 0) + 1)
    }),
  )
  await Promise.all(lists)
  isOver = true
  assert.equal(done.length, 24)
  assert.equal(Math.max(...perTurn), 1, perTurn.join())
  assert.deepEqual(done.slice(0, 8), [0, 1, 2, 3, 4, 5, 6, 7])
})

test('one list alone starts at once, and the error of an item ends its list', async () => {
  const done: number[] = []
  const work = inTurns([1, 2, 3], async (item) => {
    done.push(item)
    if (item === 2) throw new Error('no')
  })
  await assert.rejects(work, /no/)
  assert.deepEqual(done, [1, 2])
})
