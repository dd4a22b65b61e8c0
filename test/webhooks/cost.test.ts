/** What a message costs: the same, however many others wait. Blocks of the database are counted, not time. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { addDeliveries, settleDelivery } from '../../src/services/webhooks/deliveries.ts'
import { leaseMessages, readyDueMessages, readyMessages } from '../../src/services/webhooks/leases.ts'
import { releaseNext, releaseOrders } from '../../src/services/webhooks/orders.ts'
import { openSubscriptions } from '../../src/services/webhooks/subscriptions.ts'
import { countingBlocks } from '../support/blocks-used.ts'
import { PATIENCE } from '../support/patience.ts'
import { aboutEvent, addressed, addWaiting, testQueue } from './queue.ts'
import { subscribedShop } from './subscribed-shop.ts'

const LOG = { at: '2026-11-29T10:00:00.000Z', durationMs: 1, status: 200, answer: '', error: null }

/** Adds a message to the first receiver behind all others, takes and settles one, and does what a sender does meanwhile. */
async function blocksOfOne(queue: Awaited<ReturnType<typeof testQueue>>, rowId: string): Promise<ReadonlyMap<string, number>> {
  const { run, blocks } = countingBlocks(queue)
  await addDeliveries(run, aboutEvent(2_000_000_000_000, rowId), [addressed('r000001')])
  await readyDueMessages(run)
  await releaseNext(run, null)
  const { messages } = await readyMessages(run, { after: null, each: 8, full: [] })
  const leased = await leaseMessages(
    run,
    messages.map(({ id }) => id),
  )
  for (const one of leased.slice(0, 1)) {
    const ended = await settleDelivery(run, one, { state: 'sent' }, LOG)
    if (ended !== null) await releaseOrders(run, [ended])
  }
  return blocks()
}

/** The most blocks of each statement. A linear one needs thousands. */
const MOST: Readonly<Record<string, number>> = {
  'webhooks.add': 80,
  'webhooks.due': 20,
  'webhooks.ready': 60,
  'webhooks.lease': 200,
  'webhooks.settle': 60,
  'webhooks.release': 60,
}

function assertFew(blocks: ReadonlyMap<string, number>, names: readonly string[]): void {
  for (const name of names) {
    const used = blocks.get(name)
    assert.ok(used !== undefined && used <= (MOST[name] ?? 0), `${name}: ${used} blocks`)
  }
}

test('a message costs the same with 20,000 others about its row', async (t) => {
  const queue = await testQueue(t)
  await addWaiting(queue.sql, { each: 20_000 })
  const blocks = await blocksOfOne(queue, '1')
  assertFew(blocks, Object.keys(MOST))
  assert.ok((blocks.get('webhooks.walk') ?? 0) <= 60, `${blocks.get('webhooks.walk')}`)
})

test('a message costs the same while 20,000 others wait for a receiver that is down', async (t) => {
  const queue = await testQueue(t)
  await addWaiting(queue.sql, { rows: 20_000, each: 1, turn: 'later' })
  assertFew(
    await blocksOfOne(queue, 'other'),
    Object.keys(MOST).filter((name) => name !== 'webhooks.release'),
  )
})

test('a look costs the same while 20,000 other receivers wait, and while one has 20,000 messages that are ready', async (t) => {
  const queue = await testQueue(t)
  await addWaiting(queue.sql, { receivers: 20_000, each: 1, turn: 'later' })
  assertFew(await blocksOfOne(queue, 'other'), ['webhooks.ready', 'webhooks.due', 'webhooks.lease'])
  await addWaiting(queue.sql, { rows: 20_000, each: 1, reaction: 'x' })
  assertFew(await blocksOfOne(queue, 'another'), ['webhooks.ready'])
})

test('a look visits a bounded number of receivers, and the next look goes on there', async (t) => {
  const queue = await testQueue(t)
  await addWaiting(queue.sql, { receivers: 1_000, each: 1 })
  const { run, blocks } = countingBlocks(queue)
  const seen: string[] = []
  let after: string | null = null
  do {
    const page: Awaited<ReturnType<typeof readyMessages>> = await readyMessages(run, { after, each: 8, full: ['r000500'] })
    const used = blocks().get('webhooks.ready') ?? 0
    assert.ok(used <= 2_000, `${used} blocks for ${page.messages.length} receivers`)
    seen.push(...page.messages.map(({ endpoint }) => endpoint))
    after = page.last
  } while (after !== null)
  assert.equal(new Set(seen).size, 999)
  assert.ok(!seen.includes('r000500'))
})

test('the subscribers of an event are found by an index, whatever the others want', async (t) => {
  const { sql, databaseUrl, model } = await subscribedShop(t)
  await sql(
    `insert into users (id, created_at, updated_at, version, email, password) values (gen_random_uuid(), now(), now(), 1, 'a@example.org', 'x')`,
  )
  const add = (count: number, event: string) =>
    sql(
      `insert into hooks (id, created_at, updated_at, version, owner_id, url, events, active, secret)
        select gen_random_uuid(), now(), now(), 1, (select id from users), 'https://example.org', array[$2], true, 's' from generate_series(1, $1)`,
      [count, event],
    )
  await add(20_000, 'Order.updated')
  await add(5, 'Order.created')
  await sql('vacuum (analyze) hooks')
  const [webhook] = model.webhooks
  assert.ok(webhook?.kind === 'subscribed')
  const executor = openExecutor({ url: databaseUrl, connections: 1, statementTimeoutMs: 60_000, patience: PATIENCE, merge: false })
  t.after(executor.close)
  const { run, blocks } = countingBlocks(executor)
  assert.equal((await openSubscriptions(model, webhook).to(run, 'Order.created', null)).length, 5)
  const used = blocks().get('webhooks.subscribers partners') ?? 0
  assert.ok(used > 0 && used <= 60, `${used} blocks`)
})
