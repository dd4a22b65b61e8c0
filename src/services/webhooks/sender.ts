/** Sends the messages that are due, until it is stopped. */

import type { Run } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import { type PostOutcome, postBody } from '../outgoing/post-body.ts'
import { hostOf } from '../outgoing/reach.ts'
import { retryAfterMs } from '../outgoing/retry-after.ts'
import { failDeliveries, type Settled, settleDelivery, type WebhookAttempt } from './deliveries.ts'
import type { Destination, Destinations } from './destinations.ts'
import { type ContentNow, type LeasedMessage, leaseMessages, readyDueMessages, readyMessages, returnMessage } from './leases.ts'
import type { WebhookObservation } from './observation.ts'
import { type MessageOrder, releaseNext, releaseOrders } from './orders.ts'
import { pauseAfter } from './pauses.ts'
import { openPlaces, type Places, type Taking } from './places.ts'
import { signatureHeaders } from './signature.ts'

/** What the sender needs. */
export interface SenderDeps {
  /** A connection for the sender alone. */
  readonly run: Run
  readonly destinations: Destinations
  /** What may be sent now of a message to a subscription that was made some time ago. @throws the driver's error */
  readonly contentNow: (message: LeasedMessage) => Promise<ContentNow>
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

/** Milliseconds between two looks without a wake-up, and between two at messages whose time may have come. */
const POLL_MS = 1_000

interface State {
  readonly deps: SenderDeps
  readonly stopping: AbortController
  readonly places: Places
  readonly attempts: Set<Promise<void>>
  /** Orders whose first message has ended. */
  ended: MessageOrder[]
  /** The receiver with which the last look ended; null to begin with the first one. */
  after: string | null
  /** Whether something was taken since the looks began with the first receiver. */
  hasTaken: boolean
  /** The order with which the last walk through orders ended; null to begin with the first one. */
  walked: MessageOrder | null
  /** When times were looked at last. */
  keptAt: number
  isAwake: boolean
  rouse: () => void
}

/** Starts a sender. Failures are observed, and it tries again. */
export function startSender(deps: SenderDeps): Sender {
  const state: State = {
    deps,
    stopping: new AbortController(),
    places: openPlaces(deps.random, () => performance.now()),
    attempts: new Set(),
    ended: [],
    after: null,
    hasTaken: true,
    walked: null,
    keptAt: Number.NEGATIVE_INFINITY,
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
      await releaseOrders(deps.run, state.ended).catch(() => {})
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
    const hasMore = await pass(state).catch((error: unknown) => {
      if (!stopping.signal.aborted) deps.observe({ kind: 'trouble', error: error instanceof Error ? error.message : String(error) })
      state.isAwake = false
      return false
    })
    if (!hasMore) await rest(state)
  }
}

/** Begins what can be begun of the next receivers. Gives whether to look again at once. @throws the driver's error */
async function pass(state: State): Promise<boolean> {
  const { deps, places } = state
  state.isAwake = false
  await keepTurns(state)
  if (places.free() === 0) return false
  const page = await readyMessages(deps.run, { after: state.after, each: places.each, full: places.full() })
  const ready = page.messages.map((message) => ({ ...message, host: deps.destinations.hostOf(message.endpoint) ?? message.host }))
  const leased = await leaseMessages(
    deps.run,
    places.choose(ready).map(({ id }) => id),
  )
  const hosts = new Map(ready.map(({ id, host }) => [id, host]))
  for (const message of leased) begin(state, { ...message, host: hosts.get(message.id) ?? message.host })
  state.hasTaken ||= leased.length > 0
  state.after = page.last
  if (page.last !== null) return true
  const hadTaken = state.hasTaken
  state.hasTaken = false
  return hadTaken
}

/** Makes messages ready: those behind one that has ended, and those whose time has come. @throws the driver's error */
async function keepTurns(state: State): Promise<void> {
  const { deps, ended } = state
  if (ended.length > 0) {
    state.ended = []
    await releaseOrders(deps.run, ended)
  }
  const now = performance.now()
  if (now - state.keptAt < POLL_MS) return
  state.keptAt = now
  await readyDueMessages(deps.run)
  // A process that ended between two statements may have left messages behind others that have ended.
  state.walked = await releaseNext(deps.run, state.walked)
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

function begin(state: State, message: LeasedMessage): void {
  const { places, attempts, deps, stopping } = state
  places.take(message)
  let taking: Taking | null = null
  const attempt = perform(state, message)
    .then((seen) => {
      taking = seen
    })
    // The lease ends, and the message is sent again.
    .catch((error: unknown) => {
      if (!stopping.signal.aborted) deps.observe({ kind: 'trouble', error: error instanceof Error ? error.message : String(error) })
    })
    .finally(() => {
      places.leave(message, taking)
      attempts.delete(attempt)
      wake(state)
    })
  attempts.add(attempt)
}

/** Sends a message, and keeps what became of it. Gives how its receiver took it; null without a request. @throws the driver's error */
async function perform(state: State, message: LeasedMessage): Promise<Taking | null> {
  const { deps, stopping } = state
  const { endpoint, attempt } = message
  const [began, at] = [performance.now(), deps.now()]
  const destination = await destinationOf(state, message)
  const host = destination.kind === 'receiver' ? hostOf(destination.receiver.address) : message.host
  if (host !== message.host) {
    await returnMessage(deps.run, message, host)
    return null
  }
  const outcome = await send(destination, message.message, { at, signal: stopping.signal })
  const log: WebhookAttempt = { at: new Date(at).toISOString(), durationMs: Math.round(performance.now() - began), ...seen(outcome) }
  const settled = settledBy(outcome, destination, { attempt, deps, isStopping: stopping.signal.aborted })
  const ended = await settleDelivery(deps.run, message, settled, log)
  if (ended !== null) state.ended.push(ended)
  const isClosed = log.status === 410 && (await deps.destinations.close(deps.run, endpoint))
  if (isClosed || destination.kind === 'none') await failDeliveries(deps.run, endpoint, log)
  if (log.error !== null) {
    const pauseMs = settled.state === 'waiting' ? settled.pauseMs : null
    deps.observe({
      kind: 'attempt-failed',
      webhook: endpoint,
      delivery: message.id,
      attempt,
      status: log.status,
      error: log.error,
      pauseMs,
    })
  }
  if (destination.kind !== 'receiver' || stopping.signal.aborted) return null
  return { answered: outcome.kind !== 'failed', durationMs: log.durationMs }
}

/** Where a message goes, and with which content; or why nothing is sent. */
type Sending =
  | Exclude<Destination, { kind: 'receiver' }>
  | (Extract<Destination, { kind: 'receiver' }> & { readonly body: string })
  | Refused
/** A message that nobody may get. Others to its receiver are not affected. */
interface Refused {
  readonly kind: 'refused'
  readonly reason: string
}

/** Rights may have changed since the message was made, so they are asked again. @throws the driver's error */
async function destinationOf({ deps }: State, message: LeasedMessage): Promise<Sending> {
  const destination = await deps.destinations.of(deps.run, message.endpoint)
  if (destination.kind !== 'receiver') return destination
  if (message.owner === null || !message.isOld)
    return message.body === null ? { kind: 'refused', reason: 'its content is not kept any more' } : { ...destination, body: message.body }
  const content = await deps.contentNow(message)
  switch (content.kind) {
    case 'content':
      return { ...destination, body: content.body }
    case 'later':
      return { ...content, counts: true }
    case 'refused':
      return content
    default:
      return unreachable(content)
  }
}

/** What became of an attempt; `unsent` is one without a request. */
type Outcome = PostOutcome | { readonly kind: 'unsent'; readonly reason: string }

async function send(
  destination: Sending,
  id: string,
  { at, signal }: { readonly at: number; readonly signal: AbortSignal },
): Promise<Outcome> {
  if (destination.kind !== 'receiver') return { kind: 'unsent', reason: destination.reason }
  const { receiver, body } = destination
  const signed = signatureHeaders(receiver.secrets, { id, timestamp: Math.floor(at / 1_000), body })
  return postBody({ ...receiver, body, headers: { 'content-type': 'application/json', 'user-agent': 'Plinth', ...signed }, signal })
}

function seen(outcome: Outcome): Pick<WebhookAttempt, 'kind' | 'status' | 'answer' | 'error'> {
  switch (outcome.kind) {
    case 'answered': {
      const { kind, status, answer } = outcome
      return { kind, status, answer, error: isSuccess(status) ? null : refusalOf(status) }
    }
    case 'failed':
    case 'forbidden':
    case 'unsent':
      return { kind: outcome.kind, status: null, answer: '', error: outcome.reason }
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

/** Milliseconds until a process looks again whether a missing setting is there. */
const UNSET_MS = 60_000

/** What follows an attempt. Every failure is tried again, except the answer 410 of the receiver. */
function settledBy(
  outcome: Outcome,
  destination: Sending,
  { attempt, deps, isStopping }: { readonly attempt: number; readonly deps: SenderDeps; readonly isStopping: boolean },
): Settled {
  if (destination.kind === 'none' || destination.kind === 'refused') return { state: 'failed' }
  if (destination.kind === 'later' && !destination.counts) return { state: 'waiting', pauseMs: UNSET_MS, counts: false }
  if (outcome.kind === 'answered' && isSuccess(outcome.status)) return { state: 'sent' }
  if (outcome.kind === 'answered' && outcome.status === 410) return { state: 'failed' }
  // A stop is not the fault of the receiver: the message is sent again at once.
  if (isStopping) return { state: 'waiting', pauseMs: 0, counts: false }
  const askedMs = outcome.kind === 'answered' ? retryAfterMs(outcome.retryAfter, deps.now()) : null
  const pauseMs = pauseAfter(attempt, { askedMs, random: deps.random })
  return pauseMs === null ? { state: 'failed' } : { state: 'waiting', pauseMs, counts: true }
}
