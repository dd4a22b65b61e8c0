/**
 * Two backends exchange events over NATS and call each other while their processes are killed: each event is handled once by its id, and
 * each call takes effect once.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../events/events-world.ts'
import { type Instance, instancesOf } from './instances.ts'
import { skip, startNats } from './nats-server.ts'

const ORDERS = 120

/** What a call answers while the other backend is away, or does not know the keys of this one yet. */
const OUTAGE = ['502 service_unreachable', '502 service_failed', '503 service_unavailable', '504 service_timeout']

/** Calls of one backend at the other one. */
interface Calls {
  /** Status and code of each answer that was no success. */
  readonly refused: ReadonlySet<string>
  /** Ends them. @returns how many there were. */
  readonly stop: () => Promise<number>
}

/** Calls an action that calls the other backend, with one number after the other. Each is repeated until it succeeds. */
function keepCalling({ create }: Instance, action: string): Calls {
  const refused = new Set<string>()
  let isOver = false
  const calls = (async () => {
    let number = 0
    for (; !isOver; number++) {
      for (let isDone = false; !isDone; await sleep(150)) {
        // Null: the process that is asked is itself away.
        const answer = await create(`actions/${action}`, { number }).catch(() => null)
        const body = (await answer?.json().catch(() => null)) as { readonly code?: string } | null | undefined
        isDone = answer?.status === 200 && body !== null
        if (answer !== null && body !== null && !isDone) refused.add(`${answer.status} ${body?.code}`)
      }
    }
    return number
  })()
  return {
    refused,
    stop() {
      isOver = true
      return calls
    },
  }
}

test('each order is invoiced once and settled once and each call takes effect once, although both backends are killed and started again', {
  skip,
}, async (t) => {
  const nats = await startNats(t)
  const { shop, billing } = await instancesOf(t, nats.url)
  // The streams are made when something is published first.
  await nats.stream('SHOP', ['shop.placed'])
  await nats.stream('BILLING', ['billing.invoiced'])
  await Promise.all([shop.start(), billing.start()])
  const [charges, notes] = [keepCalling(shop, 'charge'), keepCalling(billing, 'note')]
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
  const called = { charges: await charges.stop(), notes: await notes.stop() }
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
  const numbers = async ({ sql }: Instance, table: string) =>
    (await sql(`select number::int from ${table} order by 1`)).map(({ number }) => number)
  const each = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number)
  assert.deepEqual(await numbers(billing, 'charges'), each(called.charges))
  assert.deepEqual(await numbers(shop, 'notes'), each(called.notes))
  for (const { refused } of [charges, notes]) {
    assert.deepEqual(
      [...refused].filter((one) => !OUTAGE.includes(one)),
      [],
    )
    assert.ok(refused.has('502 service_unreachable'), [...refused].join())
  }
})
