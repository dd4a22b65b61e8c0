/** Events under kill -9: the same as `npm run test:events`, in a small size. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crash } from './crash/crash.ts'

test('no event is lost or made up when instances are killed, and the order of each row is kept', async () => {
  const outcome = await crash({ writes: 400, kills: 1, writers: 8, instances: 2, killEvery: [300, 800], leaseMs: 1_000 })
  const { lost, phantom, otherIds, disorder, kills, written } = outcome
  assert.deepEqual({ lost, phantom, otherIds, disorder }, { lost: 0, phantom: 0, otherIds: 0, disorder: 0 }, JSON.stringify(outcome))
  assert.ok(kills > 0 && written > 50, JSON.stringify(outcome))
})
