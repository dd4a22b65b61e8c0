/** Delivers events to reactions: those of one row one after the other, those of different rows at the same time. */

import { inParallel } from '../../base/waiting/in-parallel.ts'
import { ATTEMPT_MS, attemptOf } from './attempt.ts'
import type { EventReaction, LoggedEvent } from './delivery.ts'
import type { LogPage } from './log-reader.ts'
import type { EventsObservation } from './observation.ts'
import {
  addWaiting,
  dueEvents,
  type FailedAttempt,
  keepOutcome,
  type Leased,
  type RowOfReaction,
  releaseRows,
  rowStates,
  STILL_RUNNING,
  type WaitingEvent,
} from './waiting.ts'

/** What delivering needs. The lease is that with which the process reads the log. */
export interface Delivering extends Leased {
  readonly reactions: readonly EventReaction[]
  /** How many reactions run at the same time. */
  readonly concurrency: number
  readonly random: () => number
  readonly observe: (observation: EventsObservation) => void
  /** The attempts that nothing waits for any more, because they take long. */
  readonly parked: Set<Promise<void>>
  /** Aborted when the process stops or another one has taken over. */
  readonly signal: AbortSignal
}

/** The events of one row for one reaction, in order. */
interface Chain extends RowOfReaction {
  readonly deliveries: { readonly to: EventReaction; readonly event: LoggedEvent }[]
}

/** Events that wait after a delivery, with their failure. `running` is an attempt that has not ended yet. */
type Left = Parameters<typeof addWaiting>[1][number] & { readonly running?: Promise<FailedAttempt | null> }

/** After so many milliseconds nothing waits for an attempt any more, so that a slow reaction holds up its row alone. */
const PARK_MS = 2_000

/** An event whose attempt still runs is tried again only after this attempt must have ended, even if the process ends. */
function stillRunning(attempt: number): FailedAttempt {
  return { attempt, retryInMs: ATTEMPT_MS + 5_000, held: false, error: STILL_RUNNING }
}

/**
 * Delivers a page of the log. Events whose reaction fails wait for the next attempt, and the later events of their row behind them.
 *
 * @throws the driver's error
 */
export async function deliverPage(delivering: Delivering, { events, hasWaiting }: Pick<LogPage, 'events' | 'hasWaiting'>): Promise<void> {
  const chains = chainsOf(delivering.reactions, events)
  if (chains.length === 0) return
  const states = hasWaiting ? await rowStates(delivering.run, chains) : []
  const left: Left[] = []
  await inParallel(delivering.concurrency, chains, async (chain, i) => {
    const state = states[i] ?? { isBlocked: false, hasGap: false }
    left.push(
      ...(state.isBlocked
        ? chain.deliveries.map(({ event }) => waitingFor(chain, event, null))
        : await deliverChain(delivering, chain, state)),
    )
  })
  if (left.length === 0) return
  await addWaiting(delivering, left)
  for (const { reaction, event, running } of left) if (running !== undefined) settleLater(delivering, { reaction, event }, running)
  await releaseRows(delivering.run, rowsOf(left.filter(({ failed }) => failed === null)))
}

/** The rows of these events, each once. */
function rowsOf(waiting: readonly Pick<WaitingEvent, 'reaction' | 'event'>[]): readonly RowOfReaction[] {
  const rows = waiting.map(({ reaction, event: { entity, rowId } }) => ({ reaction, entity, rowId }))
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()]
}

function keyOf({ reaction, entity, rowId }: RowOfReaction): string {
  return JSON.stringify([reaction, entity, rowId])
}

function chainsOf(reactions: readonly EventReaction[], events: readonly LoggedEvent[]): readonly Chain[] {
  const chains = new Map<string, Chain>()
  for (const event of events) {
    for (const to of reactions) {
      if (!to.takes(event)) continue
      const row = { reaction: to.name, entity: event.entity, rowId: event.rowId }
      const key = keyOf(row)
      const chain = chains.get(key) ?? { ...row, deliveries: [] }
      chains.set(key, chain)
      chain.deliveries.push({ to, event })
    }
  }
  return [...chains.values()]
}

/** Delivers the events of a row. Gives those that have to wait. An event that is given up is among them. */
async function deliverChain(delivering: Delivering, chain: Chain, { hasGap }: { readonly hasGap: boolean }): Promise<readonly Left[]> {
  const left: Left[] = []
  let isBlocked = false
  let afterGap = hasGap
  for (const { to, event } of chain.deliveries) {
    if (isBlocked || delivering.signal.aborted) {
      left.push(waitingFor(chain, event, null))
      continue
    }
    const running = attempt(delivering, to, { event, attempt: 1, replay: false, afterGap })
    const failed = await inTime(running)
    if (failed === null) continue
    left.push(failed === 'late' ? { ...waitingFor(chain, event, stillRunning(1)), running } : waitingFor(chain, event, failed))
    isBlocked = failed === 'late' || failed.retryInMs !== null || failed.held
    afterGap = true
  }
  return left
}

function waitingFor({ reaction }: Chain, event: LoggedEvent, failed: FailedAttempt | null): Left {
  return { reaction, event, failed }
}

/** The outcome of an attempt; `late` when it takes long. */
async function inTime(running: Promise<FailedAttempt | null>): Promise<FailedAttempt | null | 'late'> {
  const late = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => late.resolve('late'), PARK_MS)
  return Promise.race([running, late.promise]).finally(() => clearTimeout(timer))
}

/** Keeps the outcome of an attempt that takes long when it has one. */
function settleLater(
  delivering: Delivering,
  about: Pick<WaitingEvent, 'reaction' | 'event'>,
  running: Promise<FailedAttempt | null>,
): void {
  const { run, parked, observe } = delivering
  const settled = running
    .then(async (failed) => {
      await keepOutcome(delivering, about, failed)
      await releaseRows(run, rowsOf([about]))
    })
    // The event is tried again later.
    .catch((error: unknown) => observe({ kind: 'engine-failed', error: String(error) }))
    .finally(() => parked.delete(settled))
  parked.add(settled)
}

async function attempt(
  { signal, random, observe }: Delivering,
  reaction: EventReaction,
  delivery: Omit<WaitingEvent, 'reaction'>,
): Promise<FailedAttempt | null> {
  const failed = await attemptOf(reaction, delivery, { signal, random })
  if (failed === null || signal.aborted || failed.quiet === true) return failed
  const { event } = delivery
  const about = {
    reaction: reaction.name,
    event: event.id,
    row: `${event.entity} ${event.rowId}`,
    attempt: failed.attempt,
    error: failed.error,
  }
  observe({ kind: failed.retryInMs === null ? 'gave-up' : 'reaction-failed', ...about })
  return failed
}

/**
 * Delivers the waiting events whose next attempt is due.
 *
 * @returns how many were due.
 * @throws the driver's error
 */
export async function deliverDue(delivering: Delivering): Promise<number> {
  const due = await dueEvents(delivering.run)
  await inParallel(delivering.concurrency, due, async (waiting) => {
    if (delivering.signal.aborted) return
    const reaction = delivering.reactions.find(({ name, takes }) => name === waiting.reaction && takes(waiting.event))
    // The design no longer has the reaction, or a newer design has it that another process runs.
    if (reaction === undefined) return keepOutcome(delivering, waiting, unknownReaction(waiting.attempt))
    const running = attempt(delivering, reaction, { ...waiting, attempt: waiting.attempt + 1 })
    const failed = await inTime(running)
    await keepOutcome(delivering, waiting, failed === 'late' ? stillRunning(waiting.attempt + 1) : failed)
    if (failed === 'late') settleLater(delivering, waiting, running)
  })
  await releaseRows(delivering.run, rowsOf(due))
  return due.length
}

/** An event of a reaction that the design does not have is looked at again later. This is no attempt. */
function unknownReaction(attempt: number): FailedAttempt {
  return { attempt, retryInMs: 60_000, held: false, error: 'the design has no such reaction' }
}
