/** The statements about messages: their order, leases, and what a settled one changes. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import type { Run } from '../../src/base/sql/statement.ts'
import { addDeliveries, failDeliveries, settleDelivery } from '../../src/services/webhooks/deliveries.ts'
import { type LeasedMessage, leaseMessages, readyDueMessages, readyMessages } from '../../src/services/webhooks/leases.ts'
import { releaseNext, releaseOrders } from '../../src/services/webhooks/orders.ts'
import { sweepDeliveries } from '../../src/services/webhooks/sweep.ts'
import { aboutEvent, addressed, testQueue } from './queue.ts'

const LOG = { at: '2026-11-29T10:00:00.000Z', durationMs: 1, status: 500, answer: '', error: 'no' }

const ready = async (run: Run) => (await readyMessages(run, { after: null, each: 10, full: [] })).messages
const leaseAll = async (run: Run): Promise<readonly LeasedMessage[]> =>
  leaseMessages(
    run,
    (await ready(run)).map(({ id }) => id),
  )
const settle = async (run: Run, leased: LeasedMessage, state: 'sent' | 'failed') => {
  const ended = await settleDelivery(run, leased, { state }, LOG)
  assert.ok(ended !== null)
  await releaseOrders(run, [ended])
}

test('of one row and receiver one message is ready at a time, in the order of the events', async (t) => {
  const { run, sql } = await testQueue(t)
  for (const event of [1, 2, 3]) await addDeliveries(run, aboutEvent(event), [addressed('crm'), addressed('audit')])
  await addDeliveries(run, aboutEvent(4, 'other'), [addressed('crm')])
  const taken: string[] = []
  for (;;) {
    const leased = await leaseAll(run)
    if (leased.length === 0) break
    assert.equal(new Set(leased.map(({ endpoint, message }) => `${endpoint} ${message === 'evt_4'}`)).size, leased.length)
    taken.push(...leased.map(({ endpoint, message }) => `${endpoint} ${message}`))
    assert.deepEqual(await ready(run), [])
    for (const one of leased) await settle(run, one, 'sent')
  }
  const of = (endpoint: string) => taken.filter((text) => text.startsWith(endpoint))
  assert.deepEqual(of('audit'), ['audit evt_1', 'audit evt_2', 'audit evt_3'])
  assert.deepEqual(of('crm').toSorted(), ['crm evt_1', 'crm evt_2', 'crm evt_3', 'crm evt_4'])
  assert.deepEqual(await sql(`select distinct state, turn from plinth.webhook_deliveries`), [{ state: 'sent', turn: null }])
})

test('a message of an earlier event that comes late goes first', async (t) => {
  const { run } = await testQueue(t)
  await addDeliveries(run, aboutEvent(5), [addressed('crm')])
  const late = await ready(run)
  await addDeliveries(run, aboutEvent(4), [addressed('crm')])
  assert.deepEqual(
    (
      await leaseMessages(
        run,
        [...late, ...(await ready(run))].map(({ id }) => id),
      )
    ).map(({ message }) => message),
    ['evt_4'],
  )
  assert.deepEqual(await ready(run), [], 'the other one is behind')
})

test('a settled message writes no other one, and those behind it keep their place', async (t) => {
  const { run, sql } = await testQueue(t)
  for (let event = 1; event <= 20; event++) await addDeliveries(run, aboutEvent(event), [addressed('crm')])
  const versions = async (from: number) => (await sql('select xmin::text, turn from plinth.webhook_deliveries order by event')).slice(from)
  const added = await versions(2)
  const [first] = await leaseAll(run)
  assert.ok(first !== undefined)
  await settle(run, first, 'sent')
  assert.deepEqual(await versions(2), added)
  const [second] = await leaseAll(run)
  assert.ok(second !== undefined)
  assert.equal(await settleDelivery(run, second, { state: 'waiting', pauseMs: 3_600_000, counts: true }, LOG), null)
  assert.deepEqual(await versions(2), added)
  assert.deepEqual([await leaseAll(run), await readyDueMessages(run)], [[], 0])
  await sql(`update plinth.webhook_deliveries set run_at = now() where turn = 'later'`)
  assert.equal(await readyDueMessages(run), 1)
  assert.deepEqual(
    (await leaseAll(run)).map(({ message, attempt }) => [message, attempt]),
    [['evt_2', 2]],
  )
})

test('a message that was given up holds the later ones only if it says so', async (t) => {
  const { run } = await testQueue(t)
  for (const [row, hold] of [
    ['free', false],
    ['held', true],
  ] as const)
    for (const event of [1, 2]) await addDeliveries(run, { ...aboutEvent(event, row), reaction: row, hold }, [addressed('crm')])
  for (const leased of await leaseAll(run)) await settle(run, leased, 'failed')
  assert.equal(await releaseNext(run, null), null)
  assert.equal((await ready(run)).length, 1)
  // Another event of the held row goes behind, too.
  await addDeliveries(run, { ...aboutEvent(3, 'held'), reaction: 'held' }, [addressed('crm')])
  assert.equal((await ready(run)).length, 1)
})

test('what a process leaves behind that ends between two statements is found', async (t) => {
  const { run, sql } = await testQueue(t)
  for (const event of [1, 2]) await addDeliveries(run, aboutEvent(event), [addressed('crm')])
  const [first] = await leaseAll(run)
  assert.ok(first !== undefined)
  await settleDelivery(run, first, { state: 'sent' }, LOG)
  assert.deepEqual(await ready(run), [])
  await releaseNext(run, null)
  const [second] = await leaseAll(run)
  assert.equal(second?.message, 'evt_2')
  // A lease that is over: another process sends the message, and what the first one settles changes nothing.
  await sql(`update plinth.webhook_deliveries set run_at = now() where turn = 'sending'`)
  assert.equal(await readyDueMessages(run), 1)
  const [again] = await leaseAll(run)
  assert.deepEqual([again?.message, again?.attempt], ['evt_2', 2])
  assert.equal(await settleDelivery(run, second as LeasedMessage, { state: 'sent' }, LOG), null)
})

test('receivers that get the same share one body, which goes with the last message', async (t) => {
  const { run, sql } = await testQueue(t)
  const to = [addressed('a', '{"x":1}'), addressed('b', '{"x":1}'), addressed('c', '{"x":2}')]
  await addDeliveries(run, aboutEvent(1), to)
  await addDeliveries(run, aboutEvent(1), to)
  const bodies = async () => (await sql('select body from plinth.webhook_bodies order by body')).map(({ body }) => body)
  assert.deepEqual(await bodies(), ['{"x":1}', '{"x":2}'])
  const leased = await leaseAll(run)
  assert.deepEqual(leased.map(({ endpoint, body }) => [endpoint, body]).toSorted(), [
    ['a', '{"x":1}'],
    ['b', '{"x":1}'],
    ['c', '{"x":2}'],
  ])
  for (const one of leased.slice(0, 2)) await settle(run, one, 'sent')
  await sql(`update plinth.webhook_deliveries set ended_at = ended_at - interval '8 days'`)
  assert.equal(await sweepDeliveries(run), 2)
  assert.equal((await bodies()).length, 2)
  await failDeliveries(run, leased[2]?.endpoint ?? '', LOG)
  await sql(`update plinth.webhook_deliveries set ended_at = ended_at - interval '31 days'`)
  assert.equal(await sweepDeliveries(run), 1)
  assert.deepEqual(await bodies(), [])
})

test('an old message that somebody sends again at the same moment is not forgotten, and holds up no other', async (t) => {
  const { run, sql, databaseUrl } = await testQueue(t)
  for (const event of [1, 2]) await addDeliveries(run, aboutEvent(event, String(event)), [addressed('crm')])
  for (const one of await leaseAll(run)) await settle(run, one, 'sent')
  await sql(`update plinth.webhook_deliveries set ended_at = ended_at - interval '8 days'`)
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('begin')
  await client.query("update plinth.webhook_deliveries set state = 'waiting', turn = 'behind', ended_at = null where message = 'evt_1'")
  assert.equal(await sweepDeliveries(run), 1)
  await client.query('commit')
  await client.end()
  assert.equal(await sweepDeliveries(run), 0)
  assert.deepEqual(
    await sql('select message, (select count(*)::int from plinth.webhook_bodies) as bodies from plinth.webhook_deliveries'),
    [{ message: 'evt_1', bodies: 1 }],
  )
})

test('attempts that do not count are kept once', async (t) => {
  const { run, sql } = await testQueue(t)
  await addDeliveries(run, aboutEvent(1), [addressed('crm')])
  for (let n = 0; n < 3; n++) {
    const [leased] = await leaseAll(run)
    assert.equal(leased?.attempt, 1)
    await settleDelivery(run, leased as LeasedMessage, { state: 'waiting', pauseMs: 0, counts: false }, { ...LOG, durationMs: n })
  }
  const [row] = await sql('select attempt, attempts from plinth.webhook_deliveries')
  assert.deepEqual(row, { attempt: 0, attempts: [{ ...LOG, durationMs: 2 }] })
})
