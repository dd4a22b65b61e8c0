/**
 * NATS is stopped while a backend creates rows whose events it publishes. `npm run figures:broker` runs it at full size: 100 orders a
 * second, 20 s before, 60 s without NATS, 20 s after. Times are those of whole requests over HTTP, from the moment at which each was due.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../events/events-world.ts'
import type { Ends } from '../support/backend.ts'
import { type Instance, instancesOf } from './instances.ts'
import { startNats } from './nats-server.ts'

/** What to run. */
export interface OutageOptions {
  readonly perSecond: number
  readonly beforeMs: number
  readonly stoppedMs: number
  readonly afterMs: number
}

/** The times of the requests of one part, in milliseconds. */
export interface Times {
  readonly requests: number
  readonly failed: number
  readonly p50: number
  readonly p99: number
}

/** What was seen. */
export interface OutageResult {
  readonly before: Times
  readonly stopped: Times
  readonly after: Times
  readonly created: number
  /** Messages in the stream, and different ids among them. */
  readonly messages: number
  readonly ids: number
  /** Orders without a message. */
  readonly missing: number
  /** The most events that waited, and the time from the start of NATS until none did, in milliseconds. */
  readonly waited: number
  readonly resumedMs: number
  readonly dead: number
}

/** Runs it. */
export async function outage(t: Ends, options: OutageOptions): Promise<OutageResult> {
  const nats = await startNats(t)
  const { shop } = await instancesOf(t, nats.url)
  await nats.stream('BILLING', ['billing.invoiced'])
  await shop.start()
  const warm = await load(shop, { perSecond: options.perSecond, ms: 1_000 })
  const before = await load(shop, { perSecond: options.perSecond, ms: options.beforeMs })
  await nats.stop()
  const stopped = await load(shop, { perSecond: options.perSecond, ms: options.stoppedMs })
  const [{ count: waited } = {}] = await shop.sql('select count(*) from plinth.event_waiting')
  await nats.start()
  const began = performance.now()
  const resumed = until('no waiting events', async () => {
    const isDone = (await shop.sql("select from plinth.event_waiting where at < now() - interval '1 s' limit 1")).length === 0
    return isDone ? performance.now() - began : null
  })
  const after = await load(shop, { perSecond: options.perSecond, ms: options.afterMs })
  const resumedMs = await resumed
  await until('the end', async () =>
    (await shop.sql('select from plinth.event_waiting where not dead limit 1')).length === 0 ? true : null,
  )
  const orders = (await shop.sql('select id from orders')).map(({ id }) => String(id))
  await until('the last messages', async () => {
    const { state } = await nats.manage((manager) => manager.streams.info('SHOP'))
    return state.messages >= orders.length ? true : null
  })
  const stored = await nats.stored('SHOP')
  const published = new Set(stored.map(({ event }) => event.subject))
  const [{ count: dead } = {}] = await shop.sql('select count(*) from plinth.event_waiting where dead')
  return {
    ...{ before: timesOf(before), stopped: timesOf(stopped), after: timesOf(after) },
    created: orders.length,
    messages: stored.length,
    ids: new Set(stored.map(({ id }) => id)).size,
    missing: orders.filter((id) => !published.has(id)).length,
    waited: Number(waited),
    resumedMs: Math.round(resumedMs),
    dead: Number(dead) + timesOf(warm).failed,
  }
}

interface Sent {
  readonly ok: boolean
  readonly ms: number
}

/** Creates orders at a fixed rate, whether or not earlier ones are answered. */
async function load(shop: Instance, { perSecond, ms }: { readonly perSecond: number; readonly ms: number }): Promise<readonly Sent[]> {
  const began = performance.now()
  const all: Promise<Sent>[] = []
  for (let n = 0; n < (perSecond * ms) / 1_000; n++) {
    const due = began + (n * 1_000) / perSecond
    const early = due - performance.now()
    if (early > 1) await sleep(early)
    all.push(
      shop.create('orders', { number: n }).then(
        async (response) => {
          await response.arrayBuffer()
          return { ok: response.status === 201, ms: performance.now() - due }
        },
        () => ({ ok: false, ms: performance.now() - due }),
      ),
    )
  }
  return Promise.all(all)
}

function timesOf(sent: readonly Sent[]): Times {
  const times = sent.map(({ ms }) => ms).toSorted((a, b) => a - b)
  const at = (part: number): number => Math.round((times[Math.floor(times.length * part)] ?? 0) * 10) / 10
  return { requests: sent.length, failed: sent.filter(({ ok }) => !ok).length, p50: at(0.5), p99: at(0.99) }
}
