/** The statements about messages: which of them a settled one changes. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { ENGINE_SETTINGS } from '../../src/server/run/engine-settings.ts'
import { addDeliveries, leaseDeliveries, settleDelivery } from '../../src/services/webhooks/deliveries.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { PATIENCE } from '../support/patience.ts'

const MODEL = modelFrom({
  name: 'notes',
  entities: {
    Note: { fields: { text: { type: 'text' } }, access: { read: 'true', create: 'true', update: 'true', delete: 'true' } },
  },
  on: { 'Note.updated': [{ webhook: 'crm' }] },
  integrations: { webhooks: { crm: { url: 'CRM_URL', secret: 'CRM_SECRET' } } },
})

const LOG = { at: '2026-11-29T10:00:00.000Z', durationMs: 1, status: 500, answer: '', error: 'no' }
const LIMITS = { most: 10, each: 10, free: new Map<string, number>() }

test('a settled message writes only those of its row whose time changes', async (t) => {
  const { sql, databaseUrl } = await testBackend(t, MODEL, { work: 'elsewhere' })
  const { run, close } = openExecutor({
    url: databaseUrl,
    connections: 1,
    statementTimeoutMs: 30_000,
    patience: PATIENCE,
    merge: false,
    settings: ENGINE_SETTINGS,
  })
  t.after(close)
  const about = { endpoint: 'crm', reaction: 'r', entity: 'Note', rowId: '1', type: 'Note.updated', body: '{}', hold: false, again: false }
  await addDeliveries(
    run,
    Array.from({ length: 20 }, (_, i) => ({ ...about, event: String(i), message: `m${i}` })),
  )
  const lease = async () => {
    const leased = await leaseDeliveries(run, LIMITS)
    assert.equal(leased.length, 1)
    return leased[0] as (typeof leased)[number]
  }
  const versions = async () =>
    (await sql('select xmin::text, run_at > now() as later from plinth.webhook_deliveries order by event')).slice(2)

  const added = await versions()
  await settleDelivery(run, await lease(), { state: 'sent' }, LOG)
  assert.deepEqual(await versions(), added)

  await settleDelivery(run, await lease(), { state: 'waiting', pauseMs: 3_600_000, counts: true }, LOG)
  const moved = await versions()
  assert.ok(moved.every(({ xmin, later }, i) => later === true && xmin !== added[i]?.xmin))
  assert.deepEqual(await leaseDeliveries(run, LIMITS), [])
})
