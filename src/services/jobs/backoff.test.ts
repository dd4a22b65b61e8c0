import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pauseAfter } from './backoff.ts'

test('the pause doubles up to the longest one, and is shorter by chance, by up to a half', () => {
  const retry = { attempts: 10, firstMs: 1_000, mostMs: 6_000 }
  const pauses = (random: number) => [1, 2, 3, 4, 60].map((attempt) => pauseAfter(attempt, retry, () => random))
  assert.deepEqual(pauses(0), [1_000, 2_000, 4_000, 6_000, 6_000])
  assert.deepEqual(pauses(0.5), [750, 1_500, 3_000, 4_500, 4_500])
  assert.ok(pauseAfter(1, retry, () => 0.999999) >= 500)
})
