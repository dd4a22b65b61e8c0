/** Two backends exchange events over NATS while their processes are killed: each event is handled once by its id. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../events/events-world.ts'
import { instanceOf } from './instances.ts'
import { skip, startNats } from './nats-server.ts'

const ORDERS = 120

test('each order is invoiced once and settled once, although both backends are killed and started again meanwhile', { skip }, async (t) => {
  const nats = await startNats(t)
  const [shop, billing] = [await instanceOf(t, 'shop', nats.url), await instanceOf(t, 'billing', nats.url)]
  // The streams are made when something is published first.
  await nats.stream('SHOP', ['shop.placed'])
  await nats.stream('BILLING', ['billing.invoiced'])
  await Promise.all([shop.start(), billing.start()])
  const place = async (from: number, to: number): Promise<void> => {
    for (let number = from; number < to; number++) {
      const { status } = await shop.create('orders', { number })
      assert.equal(status, 201)
      await sleep(5)
    }
  }
  await place(0, 40)
  await until('the first invoices', async () => ((await billing.sql('select from invoices limit 1')).length > 0 ? true : null))
  const more = place(40, 80)
  await sleep(100)
  await billing.kill()
  await more
  await billing.start()
  await until('more invoices', async () => ((await billing.sql('select from invoices')).length > 45 ? true : null))
  await shop.kill()
  await shop.start()
  await place(80, ORDERS)
  await until('all settlements', async () =>
    (await shop.sql('select distinct order_id from settlements')).length === ORDERS ? true : null,
  )
  // What would be handled twice would come within the next attempts.
  for (const { sql } of [shop, billing])
    await until('the end of all work', async () =>
      (await sql('select 1 from plinth.jobs union all select 1 from plinth.event_waiting')).length === 0 ? true : null,
    )
  await sleep(1_000)
  const [{ count: invoices } = {}] = await billing.sql('select count(*) from invoices')
  const [{ count: settlements } = {}] = await shop.sql('select count(*) from settlements')
  assert.deepEqual([Number(invoices), Number(settlements)], [ORDERS, ORDERS])
  for (const stream of ['SHOP', 'BILLING']) {
    const ids = (await nats.stored(stream)).map(({ event }) => event.id)
    assert.deepEqual([new Set(ids).size, ids.length], [ORDERS, ids.length], stream)
  }
  for (const { sql } of [shop, billing]) assert.equal((await sql('select from plinth.dead_jobs')).length, 0)
})
