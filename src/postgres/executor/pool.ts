/**
 * Who gets a connection when. A few statements run at a time; a call that finds them running waits, calls of the same statement wait together and leave
 * together. That is soonest for all: PostgreSQL answers many calls in one statement far quicker than in many. For that alone a call also waits, where it could
 * go: while others of its statement are under way together, unless they are held up. Without load every call is a plain prepared query, sent as soon as what
 * arrived with it has been read. A statement that is held up (by a lock, by its own cost) does not count as running, so others pass it by on another
 * connection. What waits, waits in order, in a queue that has an end.
 */

import { failure } from '../../base/failure.ts'
import type { Row, Statement, Values } from '../../base/sql/statement.ts'
import { ALONE, type Gone, type OnStatement, type Outcome, type Outcomes, runBatch } from './batch.ts'
import { type Errand, type Goal, openWaiting, type Waiter, type Waiting } from './call-queue.ts'
import type { Lane } from './connection.ts'
import { areTogether, HELD_UP_MS, isHeldUp, isOver, isWatched, runningOf, type Trip } from './running-batch.ts'
import { type Lessons, openLessons } from './statement-costs.ts'

export interface PoolOptions {
  /** Statements that run at a time, unless some are held up. */
  readonly running: number
  /** Whether calls may share a statement. */
  readonly merge: boolean
  readonly onStatement: OnStatement
}

export interface Pool {
  /** Runs one call; with others of its statement when it has to wait. */
  run(statement: Statement, values: Values, gone?: Gone): Promise<readonly Row[]>
  /** Lends a lane by itself. */
  withLane<T>(work: (lane: Lane) => Promise<T>, gone?: Gone): Promise<T>
  close(): Promise<void>
}

/** A call waits at most this long for a connection; then the server says that it is overloaded, within three seconds of being asked. */
const ACQUIRE_TIMEOUT_MS = 2000
const MAX_WAITING = 1000

/** An open pool. */
interface State {
  readonly options: PoolOptions
  readonly lanes: readonly Lane[]
  readonly free: Lane[]
  readonly trips: Map<Lane, Trip>
  readonly waiting: Waiting
  readonly lessons: Lessons
  closed: boolean
  /** Whether a look for free lanes is due in this turn. */
  soon: boolean
  timer: NodeJS.Timeout | undefined
}

/** A pool over lanes that nothing else uses. */
export function openPool(lanes: readonly Lane[], options: PoolOptions): Pool {
  const pool: State = {
    options,
    lanes,
    free: [...lanes],
    trips: new Map(),
    waiting: openWaiting(),
    lessons: openLessons(),
    closed: false,
    soon: false,
    timer: undefined,
  }
  return {
    run(statement, values, gone) {
      return new Promise((resolve, reject) => {
        const done = (outcome: Outcome) => (outcome.ok ? resolve(outcome.rows) : reject(reasonOf(outcome.error, gone)))
        enqueue(pool, statement, { since: performance.now(), values, done, gone })
      })
    },
    withLane(task, gone) {
      return new Promise((resolve, reject) => {
        const refuse = (error: unknown) => reject(reasonOf(error, gone))
        const errand: Errand = (lane) => task(lane).then(resolve, refuse)
        const done = (outcome: Outcome) => (outcome.ok ? undefined : refuse(outcome.error))
        enqueue(pool, errand, { since: performance.now(), values: {}, done, gone })
      })
    },
    close: () => close(pool),
  }
}

function enqueue(pool: State, goal: Goal, waiter: Waiter): void {
  if (pool.closed) refuse(waiter, failure('shutting_down', {}))
  else if (pool.waiting.count() >= MAX_WAITING && !waiter.alone) refuse(waiter, failure('overloaded', {}, 'the queue is full'))
  else {
    pool.waiting.add(goal, waiter)
    watch(pool)
    pumpSoon(pool)
  }
}

/** Looks for free lanes once all that has arrived by now has been read: what came in together leaves together. */
function pumpSoon(pool: State): void {
  if (pool.soon || pool.trips.size === pool.lanes.length) return
  pool.soon = true
  setImmediate(() => {
    pool.soon = false
    pump(pool)
  })
}

/** Starts what waits, as far as there are lanes to start it on. */
function pump(pool: State): void {
  for (const [goal, queue] of pool.waiting.all()) {
    const now = performance.now()
    if (typeof goal !== 'function' && gathers(pool, { statement: goal, queue, now })) continue
    const lane = takeLane(pool, now)
    if (lane === undefined) return
    if (typeof goal === 'function') {
      const [waiter] = pool.waiting.take(goal, 1)
      void occupy(pool, { lane, trip: { since: now, statement: null, gone: waiter?.gone, calls: 1 } }, () => goal(lane))
      continue
    }
    const batch = pool.waiting.take(goal, sizeOf(pool, goal, now)).filter(isHere)
    if (batch.length > 0) void start(pool, { lane, statement: goal, batch, now })
    else pool.free.push(lane)
  }
}

/** A lane to start on now; undefined when enough are running or none is free. */
function takeLane({ free, closed, trips, options }: State, now: number): Lane | undefined {
  return free.length > 0 && !closed && runningOf(trips.values(), now) < options.running ? free.pop() : undefined
}

/** How many calls of a statement may leave together. While one of them is held up, the next may be as well: it goes alone, so that nobody is held up with it. */
function sizeOf({ options, trips, lessons }: State, statement: Statement, now: number): number {
  const alone = !options.merge || statement.merge === undefined || isHeldUp(trips.values(), statement, now)
  return alone ? 1 : lessons.sizeOf(statement)
}

interface Gathering {
  readonly statement: Statement
  readonly queue: readonly Waiter[]
  readonly now: number
}

/** Whether calls of a statement wait for those that are under way together: they fill no batch yet, and who comes back brings more. */
function gathers(pool: State, { statement, queue, now }: Gathering): boolean {
  return queue[0]?.alone !== true && areTogether(pool.trips.values(), statement, now) && queue.length < sizeOf(pool, statement, now)
}

interface Starting {
  readonly lane: Lane
  readonly statement: Statement
  readonly batch: readonly Waiter[]
  readonly now: number
}

async function start(pool: State, { lane, statement, batch, now }: Starting): Promise<void> {
  let outcomes: Outcomes = { asked: 0, sharing: null, of: [] }
  const isLocked = batch.some((waiter) => waiter.alone)
  const trip: Trip = { since: now, statement: isLocked ? null : statement, gone: allGone(batch), calls: batch.length }
  await occupy(pool, { lane, trip }, async () => {
    const calls = batch.map(({ values }) => values)
    outcomes = await runBatch(lane, statement, calls, {
      shares: pool.lessons.shares(statement),
      onStatement: pool.options.onStatement,
    })
    // What waited for a lock or failed says nothing of what a call costs.
    const tells = !isLocked && outcomes.of.some((outcome) => outcome !== ALONE && outcome.ok)
    pool.lessons.tell(statement, lane.connection(), {
      calls: outcomes.asked,
      ms: tells ? performance.now() - now : null,
      sharing: outcomes.sharing,
    })
  })
  for (const [i, waiter] of batch.entries()) {
    const outcome = outcomes.of[i] ?? { ok: false, error: new Error('a call without an outcome') }
    if (outcome === ALONE) enqueue(pool, statement, { ...waiter, alone: true })
    else waiter.done(outcome)
  }
}

async function occupy(pool: State, { lane, trip }: { readonly lane: Lane; readonly trip: Trip }, work: () => Promise<void>): Promise<void> {
  pool.trips.set(lane, trip)
  if (isWatched(trip)) watch(pool)
  await work()
  pool.trips.delete(lane)
  pool.free.push(lane)
  // The next statement leaves before this one's answers are written, so that PostgreSQL does not wait for them.
  pump(pool)
}

/** From now on `look` is called while there is something to look at. */
function watch(pool: State): void {
  pool.timer ??= setTimeout(look, HELD_UP_MS, pool)
}

/** While somebody waits: whether a statement has come to be held up, who has waited too long, and who has gone. */
function look(pool: State): void {
  const now = performance.now()
  const late = pool.waiting.takeWhere((waiter) => waiter.since <= now - ACQUIRE_TIMEOUT_MS || waiter.gone?.() === true)
  for (const waiter of late) refuse(waiter, failure('overloaded', {}, 'no connection became free in time'))
  for (const [lane, trip] of pool.trips) if (isOver(trip, now)) lane.cancel()
  pump(pool)
  pool.timer = undefined
  if (pool.waiting.count() > 0 || [...pool.trips.values()].some(isWatched)) watch(pool)
}

async function close(pool: State): Promise<void> {
  pool.closed = true
  clearTimeout(pool.timer)
  for (const waiter of pool.waiting.takeWhere(() => true)) refuse(waiter, failure('shutting_down', {}))
  await Promise.all(pool.lanes.map((lane) => lane.close()))
}

function refuse(waiter: Waiter, error: unknown): void {
  waiter.done({ ok: false, error })
}

/** Whether somebody waits for it still; whoever has gone is told so. */
function isHere(waiter: Waiter): boolean {
  if (waiter.gone?.() !== true) return true
  refuse(waiter, failure('client_gone', {}))
  return false
}

/** Undefined when one of them cannot go. */
function allGone(batch: readonly Waiter[]): Gone | undefined {
  if (batch.some((waiter) => waiter.gone === undefined)) return undefined
  return () => batch.every((waiter) => waiter.gone?.() === true)
}

/** Whatever stopped the work of a caller who has gone, his going did. */
function reasonOf(error: unknown, gone: Gone | undefined): unknown {
  return gone?.() ? failure('client_gone', {}) : error
}
