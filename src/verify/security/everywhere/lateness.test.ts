import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lateness } from '../injections.ts'

test('an answer that is late once is no finding, one that is late each time is', async () => {
  let asked = 0
  const soon = async (): Promise<void> => void asked++
  assert.deepEqual([await lateness(2_000, soon), asked], [null, 0])
  assert.deepEqual([await lateness(4_000, soon), asked], [null, 1])
  const slow = () => new Promise((resolve) => setTimeout(resolve, 30))
  assert.match((await lateness(4_000, slow, 10)) ?? '', /^an answer after \d+ ms$/)
  assert.deepEqual([await lateness(4_900, null), await lateness(5_100, null)], [null, 'an answer after 5100 ms'])
})
