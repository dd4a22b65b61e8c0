import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timeLimits } from './time-limits.ts'

test('patience multiplies every limit', () => {
  const own = { statementMs: 5_000, transactionMs: 10_000 }
  const usual = Object.entries(timeLimits(own, 1))
  assert.deepEqual(
    Object.entries(timeLimits(own, 10)),
    usual.map(([name, ms]) => [name, ms * 10]),
  )
})
