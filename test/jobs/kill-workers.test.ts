import assert from 'node:assert/strict'
import { test } from 'node:test'
import { killWorkers } from './kill-workers.ts'

test('jobs of killed workers run again in others, and what they write is written once', async (t) => {
  const options = { jobs: 24, workers: 3, takesMs: 300, kills: 2, killEveryMs: 200, times: 'short', withinMs: null } as const
  const { done, entries, waiting, dead, orphans, orphansAhead } = await killWorkers(options)
  assert.deepEqual({ done, entries, waiting, dead }, { done: 24, entries: 24, waiting: 0, dead: 0 })
  t.diagnostic(`${orphans} jobs were cut off, of which ${orphansAhead} had not begun`)
})
