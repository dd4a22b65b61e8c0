import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeClocks } from './clock-change.ts'

test('three processes run each time once when summer time begins and ends, also when the one that runs is killed', async (t) => {
  const { restarted, ...seen } = await changeClocks({
    schedules: { skipped: ['30 2 * * *', 'Europe/Berlin'], early: ['0 3 * * *', 'Europe/Berlin'] },
    spans: [
      { from: '2026-03-28T12:00:00Z', to: '2026-03-30T00:00:00Z' },
      { from: '2026-10-24T12:00:00Z', to: '2026-10-25T12:00:00Z' },
    ],
    takesMs: 100,
    killEach: 1,
  })
  assert.deepEqual(seen, { expected: 4, missing: [], twice: [], wrong: [], kills: 3 })
  t.diagnostic(`${restarted} runs were cut off`)
})
