/** Delivers events to reactions: those of one row one after the other, those of different rows at the same time. */

import { inParallel } from '../../base/waiting/in-parallel.ts'
import { ATTEMPT_MS, attemptOf } from './attempt.ts'
import type { EventReaction, LoggedEvent } from './delivery.ts'
import type { LogPage } from './log-reader.ts'
import type { EventsObservation } from './observation.ts'
import { MOST_ATTEMPTS } from './pauses.ts'
import {
  addWaiting,
  beginAttempt,
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
  /** Those of them during which a process has ended before. */
  readonly suspects: Set<Promise<void>>
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
const RUNNING_MS = ATTEMPT_MS + 5_000
const RUNNING: FailedAttempt = { attempt: 1, retryInMs: RUNNING_MS, held: false, error: STILL_RUNNING }

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

/**
 * Makes all events of a page wait, to be delivered one attempt after the other that is written down. For the first events after a crash:
 * one of them may be the cause, and would end each process that delivers it from the log, where no attempt is written down.
 *
 * @throws the driver's error
 */
export async function makePageWait(delivering: Delivering, events: LogPage['events']): Promise<void> {
  const left = chainsOf(delivering.reactions, events).flatMap((chain) =>
    chain.deliveries.map(({ event }) => waitingFor(chain, event, null)),
  )
  for (let from = 0; from < left.length; from += MOST_ADDED) await addWaiting(delivering, left.slice(from, from + MOST_ADDED))
  await releaseRows(delivering.run, rowsOf(left))
}

/** Events that one statement makes wait: each has its rows as JSON, once for each reaction. */
const MOST_ADDED = 200

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
    left.push(failed === 'late' ? { ...waitingFor(chain, event, RUNNING), running } : waitingFor(chain, event, failed))
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
  among: readonly Set<Promise<void>>[] = [delivering.parked],
): void {
  const { run, observe } = delivering
  const settled = running
    .then(async (failed) => {
      await keepOutcome(delivering, about, failed)
      await releaseRows(run, rowsOf([about]))
    })
    // The event is tried again later.
    .catch((error: unknown) => observe({ kind: 'engine-failed', error: String(error) }))
    .finally(() => {
      for (const set of among) set.delete(settled)
    })
  for (const set of among) set.add(settled)
}

async function attempt(
  { signal, random, observe }: Delivering,
  reaction: EventReaction,
  delivery: Omit<WaitingEvent, 'reaction' | 'begun'>,
): Promise<FailedAttempt | null> {
  const failed = await attemptOf(reaction, delivery, { signal, random })
  if (failed !== null && !signal.aborted && failed.quiet !== true) tell(observe, reaction, delivery.event, failed)
  return failed
}

function tell(observe: Delivering['observe'], { name }: EventReaction, { id, entity, rowId }: LoggedEvent, failed: FailedAttempt): void {
  const { attempt, error, retryInMs } = failed
  const about = { reaction: name, event: id, row: `${entity} ${rowId}`, attempt, error }
  observe({ kind: retryInMs === null ? 'gave-up' : 'reaction-failed', ...about })
}

/**
 * Delivers the waiting events whose next attempt is due. An event during whose attempt a process has ended is tried while no other such
 * event is: if it is the cause, the others must not look like it.
 *
 * @returns how many attempts were made.
 * @throws the driver's error
 */
export async function deliverDue(delivering: Delivering): Promise<number> {
  const due = await dueEvents(delivering.run)
  const usual = due.filter(({ begun }) => begun === 0)
  const suspect = delivering.suspects.size > 0 ? undefined : due.find(({ begun }) => begun > 0)
  await inParallel(delivering.concurrency, usual, (waiting) => deliverEvent(delivering, waiting))
  if (suspect !== undefined) await deliverEvent(delivering, suspect)
  const tried = suspect === undefined ? usual : [...usual, suspect]
  await releaseRows(delivering.run, rowsOf(tried))
  return tried.length
}

async function deliverEvent(delivering: Delivering, waiting: WaitingEvent): Promise<void> {
  if (delivering.signal.aborted) return
  const { begun, attempt: before, event } = waiting
  const reaction = delivering.reactions.find(({ name, takes }) => name === waiting.reaction && takes(event))
  // The design no longer has the reaction, or a newer design has it that another process runs.
  if (reaction === undefined) return keepOutcome(delivering, waiting, unknownReaction(before + begun))
  // An end of the process counts as a failed attempt: the event may be the cause.
  if (begun > 0 && before + begun >= MOST_ATTEMPTS) {
    const failed = endedProcesses(waiting, reaction)
    tell(delivering.observe, reaction, event, failed)
    return keepOutcome(delivering, waiting, failed)
  }
  if (!(await beginAttempt(delivering, waiting, RUNNING_MS))) return
  const { replay, afterGap } = waiting
  const running = attempt(delivering, reaction, { event, replay, afterGap, attempt: before + begun + 1 })
  const failed = await inTime(running)
  if (failed !== 'late') return keepOutcome(delivering, waiting, failed)
  settleLater(delivering, waiting, running, begun === 0 ? [delivering.parked] : [delivering.parked, delivering.suspects])
}

function endedProcesses({ attempt, begun }: WaitingEvent, { onDead }: EventReaction): FailedAttempt {
  const error = `the process ended during ${begun} of the attempts; see its log for code that blocks, or for a lack of memory`
  return { attempt: attempt + begun, retryInMs: null, held: onDead === 'hold', error }
}

/** An event of a reaction that the design does not have is looked at again later. This is no attempt. */
function unknownReaction(attempt: number): FailedAttempt {
  return { attempt, retryInMs: 60_000, held: false, error: 'the design has no such reaction' }
}
