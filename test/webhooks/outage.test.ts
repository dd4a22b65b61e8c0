/** Receivers that are down, and secrets that change meanwhile: nothing is lost, and the order stays. The clock is moved by the test. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { receiversOf } from '../../src/services/webhooks/receivers.ts'
import { until } from '../events/events-world.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { LOOPBACK, secretOf, startReceiver, verified } from './receiver.ts'

const MODEL = modelFrom({
  name: 'notes',
  entities: {
    Note: { fields: { number: { type: 'integer' } }, access: { read: 'true', create: 'true', update: 'true', delete: 'true' } },
  },
  on: { 'Note.created': [{ webhook: 'crm' }], 'Note.updated': [{ webhook: 'crm' }] },
  integrations: { webhooks: { crm: { url: 'CRM_URL', secret: 'CRM_SECRET' } } },
})

/** Lets an amount of time pass for all messages, and waits until every attempt that is due then has ended. */
async function pass({ sql }: Pick<TestBackend, 'sql'>, time: string): Promise<void> {
  await sql(`update plinth.webhook_deliveries set run_at = run_at - $1::interval where turn = 'later'`, [time])
  const busy = `select from plinth.webhook_deliveries where turn in ('ready', 'sending') or run_at <= now()`
  await until('the attempts that are due', async () => ((await sql(busy)).length === 0 ? true : null))
}

test('a receiver that is down for an hour gets everything afterwards, in order', async (t) => {
  const receiver = await startReceiver(t)
  const variables = { CRM_URL: receiver.url, CRM_SECRET: secretOf('a') }
  const receivers = receiversOf(MODEL, { networks: LOOPBACK, variables }, { mode: 'production' })
  const shop = await testBackend(t, MODEL, { receivers })
  const { ask, sql } = shop
  const messages = async () => (await sql('select from plinth.webhook_deliveries')).length
  const ids: string[] = []
  await receiver.close()
  let events = 0
  for (let minute = 0; minute < 60; minute += 5) {
    if (ids.length < 6) ids.push((await ask('POST', '/api/notes', { body: { number: 0 } })).json.id)
    for (const id of ids) assert.equal((await ask('PATCH', `/api/notes/${id}`, { body: { number: minute + 1 } })).status, 200)
    events += ids.length + (minute < 30 ? 1 : 0)
    await until('the messages', async () => ((await messages()) === events ? true : null))
    await pass(shop, '5 minutes')
  }
  const [tried] = await sql('select count(*)::int, max(attempt), min(attempt) from plinth.webhook_deliveries where attempt > 0')
  // Only the first message of each row was tried: after 5 s, 5 min and 30 min.
  assert.deepEqual([tried?.count, tried?.max], [6, 4])
  assert.equal(receiver.arrived.length, 0)

  await receiver.open()
  await pass(shop, '5 hours')
  await receiver.received(events)
  await until('the end', async () =>
    (await sql(`select from plinth.webhook_deliveries where state <> 'sent'`)).length === 0 ? true : null,
  )
  assert.equal(receiver.arrived.length, events)
  for (const message of receiver.arrived) verified(secretOf('a'), message)
  assert.equal(new Set(receiver.arrived.map(({ headers }) => headers['webhook-id'])).size, events)
  for (const id of ids) {
    const versions = receiver.arrived.filter(({ data }) => data.id === id).map(({ data }) => data.version)
    assert.deepEqual(
      versions,
      Array.from(versions, (_, i) => i + 1),
      id,
    )
  }
})

test('a secret is changed over three starts, at a receiver that refuses wrong signatures, and no message is refused', async (t) => {
  const receiver = await startReceiver(t)
  let databaseUrl: string | undefined
  const started = async (secrets: string) => {
    const variables = { CRM_URL: receiver.url, CRM_SECRET: secrets }
    const receivers = receiversOf(MODEL, { networks: LOOPBACK, variables }, { mode: 'production' })
    const shop = await testBackend(t, MODEL, { receivers, ...(databaseUrl === undefined ? {} : { databaseUrl }) })
    databaseUrl = shop.databaseUrl
    return shop
  }
  const accepts = (letter: string) => {
    receiver.accepts = (message) => {
      try {
        return verified(secretOf(letter), message) !== undefined
      } catch {
        return false
      }
    }
  }
  const create = async ({ ask }: TestBackend, number: number) =>
    assert.equal((await ask('POST', '/api/notes', { body: { number } })).status, 201)
  const numbers = () => receiver.arrived.map(({ data }) => data.number)
  const sent = async ({ sql }: TestBackend, count: number) =>
    until(`${count} messages`, async () =>
      (await sql(`select from plinth.webhook_deliveries where state = 'sent'`)).length === count ? true : null,
    )

  accepts('a')
  const before = await started(secretOf('a'))
  await create(before, 1)
  await sent(before, 1)
  // This one waits while the secret is changed.
  await receiver.close()
  await create(before, 2)
  await until('an attempt', async () =>
    (await before.sql(`select from plinth.webhook_deliveries where turn = 'later'`)).length === 1 ? true : null,
  )
  await before.backend.close()

  await receiver.open()
  const during = await started(`${secretOf('b')} ${secretOf('a')}`)
  await pass(during, '1 hour')
  await create(during, 3)
  await sent(during, 3)
  accepts('b')
  await create(during, 4)
  await sent(during, 4)
  await during.backend.close()

  const after = await started(secretOf('b'))
  await create(after, 5)
  await sent(after, 5)
  assert.deepEqual([numbers().toSorted(), receiver.refused], [[1, 2, 3, 4, 5], 0])
  // The receiver is strict: a message with the old secret alone would have been refused.
  await after.backend.close()
  const wrong = await started(secretOf('a'))
  await create(wrong, 6)
  await until('a refusal', () => (receiver.refused === 1 ? true : null))
})

test('a message whose content is gone is given up, and nothing is sent in its place', async (t) => {
  const receiver = await startReceiver(t)
  const variables = { CRM_URL: receiver.url, CRM_SECRET: secretOf('a') }
  const receivers = receiversOf(MODEL, { networks: LOOPBACK, variables }, { mode: 'production' })
  const shop = await testBackend(t, MODEL, { receivers })
  receiver.answer = { status: 500 }
  assert.equal((await shop.ask('POST', '/api/notes', { body: { number: 1 } })).status, 201)
  await receiver.received(1)
  await until('the attempt', async () =>
    (await shop.sql(`select from plinth.webhook_deliveries where turn = 'later'`)).length === 1 ? true : null,
  )
  await shop.sql('delete from plinth.webhook_bodies')
  await pass(shop, '1 minute')
  const [message] = await shop.sql(`select state, attempts -> -1 ->> 'error' as error from plinth.webhook_deliveries`)
  assert.deepEqual(message, { state: 'failed', error: 'its content is not kept any more' })
  assert.equal(receiver.arrived.length, 1)
})
