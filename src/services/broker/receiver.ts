/**
 * Receives the messages of a subscription: one process at a time does, with a lease. A batch of messages is stored as jobs by one
 * statement, and only then acknowledged. After a crash a message may come again; its id, which was stored with its job, then
 * shows that it was taken.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Run } from '../../base/sql/statement.ts'
import type { BrokerSubscription } from '../../model/broker/broker.ts'
import type { BrokerConnection, IncomingMessage } from './broker.ts'
import { messageJob } from './message-job.ts'
import type { BrokerObservation } from './observation.ts'
import { addMessages, type Holding, hasRoom, holdSubscription, letGo, releaseMessages } from './statements.ts'

/** What receiving needs. */
export interface ReceiverDeps {
  readonly connection: BrokerConnection
  readonly run: Run
  /** A UUID of this process. */
  readonly holder: string
  /** The name of the design, which the name of a subscription begins with at the broker. */
  readonly design: string
  /** Milliseconds after which another process takes over. */
  readonly leaseMs: number
  /** Called after jobs were added. */
  readonly onAdded: () => void
  readonly observe: (observation: BrokerObservation) => void
}

/** A running receiver. */
export interface Receiver {
  /** Ends it and releases the lease. Never rejects. */
  readonly stop: () => Promise<void>
}

/** The lease is extended three times in its time. */
const EXTENSIONS = 3
/** Milliseconds between two attempts to take the lease, and after a failure. */
const AGAIN_MS = 1_000
/** Milliseconds between two checks for jobs that are no longer behind another one, and between two checks for room. */
const LOOK_MS = 1_000
const ROOM_MS = 200

/** The name of a subscription at the broker. */
export function consumerName(design: string, { name }: Pick<BrokerSubscription, 'name'>): string {
  return `${design}-${name}`.replaceAll(/[^A-Za-z0-9_-]/g, '_')
}

/** Starts to receive. Failures are observed, and it tries again. */
export function startReceiver(subscription: BrokerSubscription, deps: ReceiverDeps): Receiver {
  const stopping = new AbortController()
  const holding: Holding = { subscription: subscription.name, holder: deps.holder }
  const ended = work({ subscription, deps, holding, signal: stopping.signal })
  return {
    async stop() {
      stopping.abort()
      await ended
      await letGo(deps.run, holding).catch(() => {})
    },
  }
}

interface Work {
  readonly subscription: BrokerSubscription
  readonly deps: ReceiverDeps
  readonly holding: Holding
  readonly signal: AbortSignal
}

async function work(receiving: Work): Promise<void> {
  const { signal, deps, subscription } = receiving
  let told = ''
  while (!signal.aborted) {
    try {
      if (await holdSubscription(deps.run, receiving.holding, deps.leaseMs)) {
        // Also while there is no broker, so that jobs that are there already go on.
        await releaseMessages(deps.run, subscription.job)
        await receiveHeld(receiving)
      }
      told = ''
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      // The same failure is reported once.
      if (!signal.aborted && why !== told) deps.observe({ kind: 'receiving-failed', subscription: subscription.name, error: why })
      told = why
    }
    await sleep(AGAIN_MS, null, { signal }).catch(() => {})
  }
}

/** Receives while this process has the lease. */
async function receiveHeld({ subscription, deps, holding, signal }: Work): Promise<void> {
  const { connection, run, leaseMs } = deps
  const lost = new AbortController()
  const over = AbortSignal.any([signal, lost.signal])
  const extend = async (): Promise<void> => {
    // Without an answer the lease may be over: then the statement that adds messages finds that out.
    if (!(await holdSubscription(run, holding, leaseMs).catch(() => true))) lost.abort()
  }
  const extending = setInterval(() => void extend(), leaseMs / EXTENSIONS)
  const looking = setInterval(() => void releaseMessages(run, subscription.job).catch(() => {}), LOOK_MS)
  try {
    await connection.receive({
      name: consumerName(deps.design, subscription),
      subject: subscription.subject,
      start: subscription.start,
      signal: over,
      take: (messages) => take(messages, { subscription, deps, holding, signal: over }),
    })
  } finally {
    clearInterval(extending)
    clearInterval(looking)
  }
}

/** Stores messages when there is room for them. @throws Error when they are not stored, so that they come again. */
async function take(messages: readonly IncomingMessage[], { subscription, deps, holding, signal }: Work): Promise<void> {
  const { run, observe } = deps
  const jobs = messages.flatMap((message) => messageJob(subscription, message) ?? [])
  if (jobs.length === 0) return
  while (!(await hasRoom(run, subscription.job))) {
    if (signal.aborted) throw new Error('the process stops')
    await sleep(ROOM_MS, null, { signal }).catch(() => {})
  }
  const added = await addMessages(run, holding, { kind: subscription.job, messages: jobs })
  if (!added.isHeld) throw new Error('another process receives this subscription')
  for (const { error } of jobs) if (error !== null) observe({ kind: 'message-refused', subscription: subscription.name, error })
  if (added.jobs === 0) return
  await releaseMessages(run, subscription.job)
  deps.onAdded()
}
