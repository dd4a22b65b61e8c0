/** Sends the messages that are due, until it is stopped. */

import type { Run } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import { type PostOutcome, postBody } from '../outgoing/post-body.ts'
import { retryAfterMs } from '../outgoing/retry-after.ts'
import { type Leased, leaseDeliveries, type Settled, settleDelivery, type WebhookAttempt } from './deliveries.ts'
import type { Destination, Destinations } from './destinations.ts'
import type { WebhookObservation } from './observation.ts'
import { pauseAfter } from './pauses.ts'
import { signatureHeaders } from './signature.ts'

/** What the sender needs. */
export interface SenderDeps {
  /** A connection for the sender alone. */
  readonly run: Run
  readonly destinations: Destinations
  readonly random: () => number
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly observe: (observation: WebhookObservation) => void
}

/** A running sender. */
export interface Sender {
  /** Looks for messages at once. Call it after some were added. */
  readonly wake: () => void
  /** Ends it. Attempts under way are broken off, and count as failed. Never rejects. */
  readonly stop: () => Promise<void>
}

/** Messages that are sent at the same time: to all receivers, and to one. */
const MOST = 64
const MOST_EACH = 8
/** To a receiver that did not answer the last time, one at a time: such an attempt takes long. */
const MOST_SILENT = 1
/** Receivers that are kept as silent; of more, the oldest are forgotten. */
const MOST_KEPT = 1_000
/** Milliseconds between two looks without a wake-up. */
const POLL_MS = 1_000

interface State {
  readonly deps: SenderDeps
  readonly stopping: AbortController
  /** The number of attempts under way, by receiver. */
  readonly running: Map<string, number>
  readonly attempts: Set<Promise<void>>
  /** The receivers that did not answer the last time. */
  readonly silent: Set<string>
  isAwake: boolean
  rouse: () => void
}

/** Starts a sender. Failures are observed, and it tries again. */
export function startSender(deps: SenderDeps): Sender {
  const state: State = {
    deps,
    stopping: new AbortController(),
    running: new Map(),
    attempts: new Set(),
    silent: new Set(),
    isAwake: false,
    rouse: () => {},
  }
  const ended = work(state)
  return {
    wake: () => wake(state),
    async stop() {
      state.stopping.abort()
      wake(state)
      await ended
      await Promise.all(state.attempts)
    },
  }
}

function wake(state: State): void {
  state.isAwake = true
  state.rouse()
}

async function work(state: State): Promise<void> {
  const { deps, stopping } = state
  while (!stopping.signal.aborted) {
    state.isAwake = false
    const taken = await leaseDeliveries(deps.run, limitsOf(state)).catch((error: unknown) => {
      if (!stopping.signal.aborted) deps.observe({ kind: 'trouble', error: error instanceof Error ? error.message : String(error) })
      return []
    })
    for (const delivery of taken) begin(state, delivery)
    if (taken.length === 0) await rest(state)
  }
}

function limitsOf({ attempts, running, silent }: State): Parameters<typeof leaseDeliveries>[1] {
  const names = new Set([...running.keys(), ...silent])
  const limitOf = (name: string): number => (silent.has(name) ? MOST_SILENT : MOST_EACH)
  const free = new Map([...names].map((name) => [name, Math.max(0, limitOf(name) - (running.get(name) ?? 0))]))
  return { most: MOST - attempts.size, each: MOST_EACH, free }
}

/** Waits for a wake-up, at most for some time. */
function rest(state: State): Promise<void> {
  if (state.isAwake) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, POLL_MS)
    state.rouse = () => {
      clearTimeout(timer)
      resolve()
    }
  })
}

function begin(state: State, delivery: Leased): void {
  const { running, attempts, deps, stopping } = state
  const { endpoint } = delivery
  running.set(endpoint, (running.get(endpoint) ?? 0) + 1)
  const attempt = perform(state, delivery)
    // The lease ends, and the message is sent again.
    .catch((error: unknown) => {
      if (!stopping.signal.aborted) deps.observe({ kind: 'trouble', error: error instanceof Error ? error.message : String(error) })
    })
    .finally(() => {
      const left = (running.get(endpoint) ?? 1) - 1
      if (left === 0) running.delete(endpoint)
      else running.set(endpoint, left)
      attempts.delete(attempt)
      wake(state)
    })
  attempts.add(attempt)
}

async function perform(state: State, delivery: Leased): Promise<void> {
  const { deps, stopping, silent } = state
  const { endpoint, attempt } = delivery
  const [began, at] = [performance.now(), deps.now()]
  const destination = await deps.destinations.of(deps.run, endpoint)
  const outcome = await send(destination, delivery, { at, signal: stopping.signal })
  silent.delete(endpoint)
  if (outcome.kind === 'failed') silent.add(endpoint)
  for (const oldest of silent) if (silent.size > MOST_KEPT) silent.delete(oldest)
  const log: WebhookAttempt = { at: new Date(at).toISOString(), durationMs: Math.round(performance.now() - began), ...seen(outcome) }
  const settled: Settled =
    destination.kind === 'none' ? { state: 'failed' } : settledBy(outcome, { attempt, deps, isStopping: stopping.signal.aborted })
  await settleDelivery(deps.run, delivery, settled, log)
  if (log.status === 410) await deps.destinations.close(deps.run, endpoint)
  if (log.error === null) return
  const pauseMs = settled.state === 'waiting' ? settled.pauseMs : null
  deps.observe({ kind: 'attempt-failed', webhook: endpoint, delivery: delivery.id, attempt, status: log.status, error: log.error, pauseMs })
}

async function send(
  destination: Destination,
  { message: id, body }: Leased,
  { at, signal }: { readonly at: number; readonly signal: AbortSignal },
): Promise<PostOutcome> {
  if (destination.kind !== 'receiver') return { kind: 'forbidden', reason: destination.reason }
  const { receiver } = destination
  const signed = signatureHeaders(receiver.secrets, { id, timestamp: Math.floor(at / 1_000), body })
  return postBody({ ...receiver, body, headers: { 'content-type': 'application/json', 'user-agent': 'Plinth', ...signed }, signal })
}

function seen(outcome: PostOutcome): Pick<WebhookAttempt, 'status' | 'answer' | 'error'> {
  switch (outcome.kind) {
    case 'answered': {
      const { status, answer } = outcome
      return { status, answer, error: isSuccess(status) ? null : refusalOf(status) }
    }
    case 'failed':
    case 'forbidden':
      return { status: null, answer: '', error: outcome.reason }
    default:
      return unreachable(outcome)
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function refusalOf(status: number): string {
  if (status === 410) return 'the receiver wants no more messages (410)'
  return status >= 300 && status < 400 ? `the receiver redirects (${status}), which is not followed` : `the receiver answered ${status}`
}

/** Whatever fails may be mended within days, except what the receiver says itself: 410. */
function settledBy(
  outcome: PostOutcome,
  { attempt, deps, isStopping }: { readonly attempt: number; readonly deps: SenderDeps; readonly isStopping: boolean },
): Settled {
  if (outcome.kind === 'answered' && isSuccess(outcome.status)) return { state: 'sent' }
  if (outcome.kind === 'answered' && outcome.status === 410) return { state: 'failed' }
  // A stop is not the fault of the receiver: the message is sent again at once.
  if (isStopping) return { state: 'waiting', pauseMs: 0, counts: false }
  const askedMs = outcome.kind === 'answered' ? retryAfterMs(outcome.retryAfter, deps.now()) : null
  const pauseMs = pauseAfter(attempt, { askedMs, random: deps.random })
  return pauseMs === null ? { state: 'failed' } : { state: 'waiting', pauseMs, counts: true }
}
