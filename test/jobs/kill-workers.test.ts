import assert from 'node:assert/strict'
import { test } from 'node:test'
import { killWorkers } from './kill-workers.ts'

test('jobs of killed workers run again in others, and what they write is written once', async (t) => {
  const result = await killWorkers({ jobs: 30, workers: 3, takesMs: 400, kills: 2, killEveryMs: 100, times: 'short' })
  const { done, entries, waiting, dead, orphans } = result
  assert.deepEqual({ done, entries, waiting, dead }, { done: 30, entries: 30, waiting: 0, dead: 0 })
  t.diagnostic(`${orphans} runs were cut off`)
})
