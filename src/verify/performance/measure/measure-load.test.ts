import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LEAST_FOR_P99 } from '../judge-load.ts'
import { WEIGHTS } from '../operations/load-operations.ts'
import type { PreparedOperation } from '../operations/prepare.ts'
import { mixSeconds } from './measure-load.ts'

const operationsOf = (weights: readonly number[]): readonly Pick<PreparedOperation, 'operation'>[] =>
  weights.map((weight) => ({ operation: { weight } as PreparedOperation['operation'] }))

test('all operations together are measured until each has enough requests for a percentile, but no longer than twice as long', () => {
  const { read, write, account } = WEIGHTS
  const blog = operationsOf([...Array<number>(9).fill(read), ...Array<number>(6).fill(write), account])
  const seconds = mixSeconds(blog, 500, { seconds: 4 })
  assert.ok((500 * seconds * write) / (9 * read + 6 * write + account) > 1.1 * LEAST_FOR_P99, `${seconds} s`)
  assert.equal(mixSeconds(operationsOf([read, read]), 500, { seconds: 4 }), 60)
  assert.equal(mixSeconds(blog, 10, { seconds: 4 }), 120)
})
