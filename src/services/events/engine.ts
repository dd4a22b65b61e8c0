/**
 * The engine of events: takes the lease, reads the log, delivers events, and delivers again what has failed. It waits for a wake-up after
 * each pass, and for a short time at most, because a wake-up may get lost.
 */

import { randomUUID } from 'node:crypto'
import type { Runner } from '../../base/sql/statement.ts'
import { type Cursor, largest, type Mark } from './cursor.ts'
import { type Delivering, deliverDue, deliverPage, makePageWait } from './deliver.ts'
import { type Leadership, takeLeadership } from './leadership.ts'
import { type LogPage, readLog } from './log-reader.ts'
import { emptyOldPart } from './rotation.ts'
import { releaseAllRows, resumeBegun } from './waiting.ts'

/** Milliseconds between two looks at the log without a wake-up. */
const POLL_MS = 250
/** Milliseconds between two looks at the lease of another process, and after a failure. */
const FOLLOW_MS = 1_000
/** Milliseconds between two looks for waiting events that are due. */
const DUE_MS = 250
/** The cursor is stored at most this often while events arrive: each time leaves a dead row version. */
const SAVE_MS = 200
/** Without events, the cursor is stored this often. */
const SEEN_MS = 30_000
/** The lease is extended three times in its time. */
const EXTENSIONS = 3
/** Milliseconds between two times at which the log is tidied. */
const TIDY_MS = 600_000

/** What the engine needs. */
export interface EngineDeps extends Omit<Delivering, 'signal' | 'run' | 'fence' | 'parked' | 'suspects'> {
  /** Connections for the engine alone. */
  readonly runner: Pick<Runner, 'run' | 'transaction'>
  /** Milliseconds after which another process takes over. */
  readonly leaseMs: number
  /** Milliseconds from any moment on, as `performance.now`. */
  readonly clock: () => number
}

/** A running engine. */
export interface Engine {
  /** Looks at the log at once. Call it after a commit. */
  readonly wake: () => void
  /** Whether this process reads the log. */
  readonly leads: () => boolean
  /** Ends it: waits for the reactions that run, for some seconds at most, stores the cursor and releases the lease. Never rejects. */
  readonly stop: () => Promise<void>
}

/** The pages after the stored cursor that a process that was killed may have been delivering: it stored the cursor every `SAVE_MS`. */
const SUSPECT_PAGES = 3

/** Milliseconds that a stop waits for running reactions. */
const STOP_MS = 5_000

interface State {
  readonly deps: EngineDeps
  readonly holder: string
  readonly stopping: AbortController
  /** Aborted when another process has taken over. */
  lost: AbortController
  /** Attempts that nothing waits for but the end of the engine. */
  readonly parked: Set<Promise<void>>
  readonly suspects: Set<Promise<void>>
  /** The pages that are read next and may contain an event that has ended the process before. */
  suspectPages: number
  /** Whether the attempts that an ended process had begun still have to get another time. */
  mustResume: boolean
  leadership: Leadership | null
  cursor: Cursor | null
  isSaved: boolean
  /** The highest number of a delivered event, and what it was when the cursor was stored last. */
  highest: string
  mark: Mark | null
  /** Whether any event waits or was given up. */
  hasWaiting: boolean
  savedAt: number
  dueAt: number
  tidiedAt: number
  /** Whether the log was read to its end since the lease was taken. Only then waiting events are delivered, so that none overtakes. */
  isCaughtUp: boolean
  isAwake: boolean
  isStopping: boolean
  rouse: () => void
}

/** Starts an engine. It runs until it is stopped; failures are observed, and it tries again. */
export function startEngine(deps: EngineDeps): Engine {
  const state: State = {
    deps,
    holder: randomUUID(),
    stopping: new AbortController(),
    lost: new AbortController(),
    parked: new Set(),
    suspects: new Set(),
    suspectPages: 0,
    mustResume: false,
    leadership: null,
    cursor: null,
    isSaved: true,
    highest: '0',
    mark: null,
    hasWaiting: true,
    savedAt: 0,
    dueAt: Number.NEGATIVE_INFINITY,
    tidiedAt: Number.NEGATIVE_INFINITY,
    isCaughtUp: false,
    isAwake: false,
    isStopping: false,
    rouse: () => {},
  }
  const ended = work(state)
  const extending = setInterval(() => void extend(state), deps.leaseMs / EXTENSIONS)
  return {
    wake: () => {
      state.isAwake = true
      state.rouse()
    },
    leads: () => state.leadership !== null,
    async stop() {
      state.isStopping = true
      clearInterval(extending)
      state.rouse()
      const timer = setTimeout(() => state.stopping.abort(), STOP_MS)
      await ended
      clearTimeout(timer)
    },
  }
}

async function work(state: State): Promise<void> {
  while (!state.isStopping) {
    try {
      const pause = await pass(state)
      if (pause > 0) await rest(state, pause)
    } catch (error) {
      state.leadership = null
      if (!state.isStopping) state.deps.observe({ kind: 'engine-failed', error: error instanceof Error ? error.message : String(error) })
      await rest(state, FOLLOW_MS)
    }
  }
  await leave(state).catch(() => {})
}

/** Extends the lease while reactions run. When another process has it, this one delivers nothing more. */
async function extend(state: State): Promise<void> {
  const { leadership, lost } = state
  if (leadership === null) return
  const isHeld = await leadership.extend().catch(() => true)
  if (isHeld) return
  lost.abort()
  if (state.leadership === leadership) state.leadership = null
}

/** Waits for the attempts that run, whose outcomes need the lease; stores the cursor and releases the lease. */
async function leave({ leadership, cursor, parked }: State): Promise<void> {
  await Promise.all(parked)
  if (leadership === null || cursor === null) return
  if ((await leadership.save(cursor)) !== null) await leadership.release()
}

/** Waits for a wake-up, at most for some time. */
function rest(state: State, withinMs: number): Promise<void> {
  if (state.isAwake || state.isStopping) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, withinMs)
    state.rouse = () => {
      clearTimeout(timer)
      resolve()
    }
  })
}

/** One pass. Gives the milliseconds after which to look again without a wake-up; 0 for at once. */
async function pass(state: State): Promise<number> {
  const { deps } = state
  state.isAwake = false
  state.leadership ??= await lead(state)
  if (state.leadership === null || state.cursor === null) return FOLLOW_MS
  const delivering: Delivering = {
    ...deps,
    run: deps.runner.run,
    fence: state.leadership.fence,
    parked: state.parked,
    suspects: state.suspects,
    signal: AbortSignal.any([state.stopping.signal, state.lost.signal]),
  }
  const due = state.isCaughtUp ? await deliverIfDue(state, delivering) : 0
  const page = await readLog(deps.runner.run, state.cursor, state.mark)
  const { events, cursor, hasWaiting } = page
  state.hasWaiting = hasWaiting
  if (events.length > 0) await deliverEvents(state, delivering, page)
  state.isSaved &&= events.length === 0 && cursor.batch === null && state.cursor.batch === null
  state.cursor = cursor
  state.highest = largest(state.highest, events.at(-1)?.id ?? '0')
  state.isCaughtUp ||= cursor.batch === null
  if (!(await keepUp(state))) return FOLLOW_MS
  return cursor.batch !== null || due > 0 ? 0 : POLL_MS
}

/**
 * Delivers a page. After a crash the first pages wait: three, or up to the end of the log. The cursor is stored after them, so that the
 * cause of another crash is in the pages after it.
 */
async function deliverEvents(state: State, delivering: Delivering, page: LogPage): Promise<void> {
  if (state.suspectPages === 0) return deliverPage(delivering, page)
  await makePageWait(delivering, page.events)
  state.hasWaiting = true
  state.suspectPages = page.cursor.batch === null ? 0 : state.suspectPages - 1
  if (state.suspectPages === 0) state.savedAt = Number.NEGATIVE_INFINITY
}

async function lead(state: State): Promise<Leadership | null> {
  const leadership = await takeLeadership(state.deps.runner.run, { holder: state.holder, leaseMs: state.deps.leaseMs })
  state.cursor = leadership?.cursor ?? null
  state.lost = new AbortController()
  state.savedAt = state.deps.clock()
  state.isCaughtUp = false
  // After a failed pass the same process leads again, and reads the same pages.
  if (leadership?.afterCrash === true) {
    state.suspectPages = SUSPECT_PAGES
    state.mustResume = true
  }
  if (leadership !== null && state.mustResume) {
    await resumeBegun({ run: state.deps.runner.run, fence: leadership.fence })
    state.mustResume = false
  }
  state.mark = null
  state.tidiedAt = Number.NEGATIVE_INFINITY
  state.highest = leadership?.cursor.floor ?? '0'
  return leadership
}

/** Empties a part of the log, and releases rows that a process has left behind that was ended between two statements. */
async function tidy({ deps }: State): Promise<void> {
  const { runner, observe } = deps
  await releaseAllRows(runner.run).catch((error: unknown) => observe({ kind: 'engine-failed', error: String(error) }))
  await emptyOldPart(runner)
}

async function deliverIfDue(state: State, delivering: Delivering): Promise<number> {
  const now = state.deps.clock()
  if (!state.hasWaiting || now - state.dueAt < DUE_MS) return 0
  const due = await deliverDue(delivering)
  // Behind a delivered event, the next one of its row may be due.
  state.dueAt = due > 0 ? Number.NEGATIVE_INFINITY : now
  return due
}

/** Stores the cursor and extends the lease when it is time. False when another process has taken over. */
async function keepUp(state: State): Promise<boolean> {
  const { deps, leadership, cursor } = state
  const now = deps.clock()
  if (leadership === null || cursor === null) return false
  const isTime = now - state.savedAt >= (state.isSaved ? SEEN_MS : SAVE_MS)
  if (isTime) {
    const xid = await leadership.save(cursor)
    if (xid === null) {
      state.lost.abort()
      state.leadership = null
      return false
    }
    state.mark = { number: cursor.batch?.until ?? state.highest, xid }
    state.savedAt = now
    state.isSaved = true
  }
  if (now - state.tidiedAt >= TIDY_MS) {
    state.tidiedAt = now
    await tidy(state)
  }
  return true
}
