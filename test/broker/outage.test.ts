import assert from 'node:assert/strict'
import { test } from 'node:test'
import { skip } from './nats-server.ts'
import { outage } from './outage.ts'

test('while NATS is stopped all requests are answered, and afterwards each event is published once', { skip }, async (t) => {
  const result = await outage(t, { perSecond: 40, beforeMs: 1_000, stoppedMs: 3_000, afterMs: 1_000 })
  const { before, stopped, after, created, messages, ids, missing, waited, dead } = result
  assert.deepEqual([before.failed, stopped.failed, after.failed, dead], [0, 0, 0, 0])
  assert.deepEqual({ messages, ids, missing }, { messages: created, ids: created, missing: 0 })
  assert.ok(waited > 50, `${waited} events waited`)
  t.diagnostic(JSON.stringify(result))
})
