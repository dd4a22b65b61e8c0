/**
 * Who gets a connection when. A few statements run at a time; a call that finds them running waits, calls of the same statement wait together and leave
 * together. That is soonest for all: PostgreSQL answers many calls in one statement far quicker than in many. For that alone a call also waits, where it could
 * go: while others of its statement are under way together, unless they are held up. Without load every call is a plain prepared query, sent as soon as what
 * arrived with it has been read. A statement that is held up (by a lock, by its own cost) does not count as running, so others pass it by on another
 * connection. What waits, waits in order, in a queue that has an end.
 */

import { failure } from '../base/failure.ts'
import type { Row, Statement, Values } from '../base/statement.ts'
import { ALONE, type Gone, type OnStatement, type Outcome, runBatch } from './batch.ts'
import { type Learned, learn, sizeAfter } from './batch-size.ts'
import type { Lane } from './lane.ts'

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

/** A statement that has run for this long is held up, and others may start beside it. */
const HELD_UP_MS = 50

/** Calls wait for this long at most for those of their statement that are under way together. */
const GATHERING_MS = 5

/** Calls that are held up together for this long are stopped and go again one by one: whoever holds them up shall not keep those in his company. */
const COMPANY_MS = 500

/** A call that waits. */
interface Waiter {
  readonly since: number
  readonly values: Values
  readonly done: (outcome: Outcome) => void
  /** It has been in company, which could not settle it. */
  readonly alone?: true
  readonly gone: Gone | undefined
}

/** Work that waits for a lane of its own. */
type Errand = (lane: Lane) => Promise<void>

/** What a lane is busy with. */
interface Trip {
  readonly since: number
  /** The statement that would tell by being held up that it is expensive; null for what is held up for reasons of its own. */
  readonly statement: Statement | null
  /** Whether everybody has gone for whom it is. */
  readonly gone: Gone | undefined
  /** How many calls it carries. */
  readonly calls: number
}

/** A pool over lanes that nothing else uses. */
export function openPool(lanes: readonly Lane[], options: PoolOptions): Pool {
  const free = [...lanes]
  const begun = new Map<Lane, Trip>()
  // Those who wait by statement, or by errand; what has waited longest first.
  const queues = new Map<Statement | Errand, Waiter[]>()
  const learned = new WeakMap<Statement, Learned>()
  // Statements by the connection that has planned them, in either form.
  const planned = { single: new WeakMap<object, WeakSet<Statement>>(), merged: new WeakMap<object, WeakSet<Statement>>() }
  let waiting = 0
  let closed = false
  let soon = false
  let timer: NodeJS.Timeout | undefined

  /** A lane to start on now; undefined when enough are running or none is free. */
  function takeLane(now: number): Lane | undefined {
    if (free.length === 0 || closed) return undefined
    let running = 0
    for (const { since } of begun.values()) if (now - since < HELD_UP_MS) running++
    return running < options.running ? free.pop() : undefined
  }

  async function occupy(lane: Lane, trip: Trip, work: () => Promise<void>): Promise<void> {
    begun.set(lane, trip)
    if (isWatched(trip)) timer ??= setTimeout(look, HELD_UP_MS)
    await work()
    begun.delete(lane)
    free.push(lane)
    // The next statement leaves before this one's answers are written, so that PostgreSQL does not wait for them.
    pump()
  }

  async function start(lane: Lane, now: number, trip: { readonly statement: Statement; readonly batch: readonly Waiter[] }): Promise<void> {
    const { statement, batch } = trip
    let outcomes: Awaited<ReturnType<typeof runBatch>> = []
    const isLocked = batch.some((waiter) => waiter.alone)
    const gone = allGone(batch)
    await occupy(lane, { since: now, statement: isLocked ? null : statement, gone, calls: batch.length }, async () => {
      const calls = batch.map(({ values }) => values)
      outcomes = await runBatch(lane, statement, calls, options.onStatement)
      // What waited for a lock or failed says nothing of what a call costs.
      const tells = !isLocked && outcomes.some((outcome) => outcome !== ALONE && outcome.ok)
      if (isUsual(lane, statement, batch.length === 1 ? 'single' : 'merged') && tells)
        learned.set(statement, learn(learned.get(statement), batch.length, performance.now() - now))
    })
    for (const [i, waiter] of batch.entries()) {
      const outcome = outcomes[i] ?? { ok: false, error: new Error('a call without an outcome') }
      if (outcome === ALONE) sendAlone(statement, waiter)
      else waiter.done(outcome)
    }
  }

  /** A connection plans a statement on the first use of each form, which says nothing about the calls. */
  function isUsual(lane: Lane, statement: Statement, form: keyof typeof planned): boolean {
    const connection = lane.connection()
    if (connection === null) return false
    const known = planned[form].get(connection) ?? new WeakSet()
    planned[form].set(connection, known)
    if (known.has(statement)) return true
    known.add(statement)
    return false
  }

  /** It has waited for its turn already, so it is the next of its statement. */
  function sendAlone(statement: Statement, waiter: Waiter): void {
    enqueue(statement, { ...waiter, alone: true })
  }

  /** How many calls of a statement may leave together. While one of them is held up, the next may be as well: it goes alone, so that nobody is held up with it. */
  function sizeOf(statement: Statement, now: number): number {
    if (!options.merge || statement.merge === undefined) return 1
    for (const trip of begun.values()) if (trip.statement === statement && now - trip.since >= HELD_UP_MS) return 1
    return sizeAfter(learned.get(statement))
  }

  /** Whether calls of a statement wait for those that are under way together: they fill no batch yet, and who comes back brings more. */
  function gathers(statement: Statement, queue: readonly Waiter[], now: number): boolean {
    if (queue[0]?.alone === true) return false
    for (const trip of begun.values()) {
      if (trip.statement !== statement || trip.calls === 1 || now - trip.since >= GATHERING_MS) continue
      return queue.length < sizeOf(statement, now)
    }
    return false
  }

  /** Starts what waits, as far as there are lanes to start it on. */
  function pump(): void {
    for (const [key, queue] of queues) {
      const now = performance.now()
      if (typeof key !== 'function' && gathers(key, queue, now)) continue
      const lane = takeLane(now)
      if (lane === undefined) return
      queues.delete(key)
      if (typeof key === 'function') {
        waiting -= queue.length
        void occupy(lane, { since: now, statement: null, gone: queue[0]?.gone, calls: 1 }, () => key(lane))
        continue
      }
      const batch = takeBatch(key, queue, sizeOf(key, now))
      waiting -= batch.length
      // The rest goes to the end: no statement keeps the others from their turn.
      if (queue.length > 0) queues.set(key, queue)
      const present = batch.filter(isHere)
      if (present.length > 0) void start(lane, now, { statement: key, batch: present })
      else free.push(lane)
    }
  }

  function enqueue(key: Statement | Errand, waiter: Waiter): void {
    if (closed || (waiting >= MAX_WAITING && !waiter.alone)) {
      waiter.done({ ok: false, error: closed ? failure('shutting_down', {}) : failure('overloaded', {}, 'the queue is full') })
      return
    }
    waiting++
    const queue = queues.get(key)
    if (queue === undefined) queues.set(key, [waiter])
    else if (waiter.alone) queue.splice(queue.filter((one) => one.alone).length, 0, waiter)
    else queue.push(waiter)
    timer ??= setTimeout(look, HELD_UP_MS)
    pumpSoon()
  }

  /** Once all that has arrived by now has been read: what came in together leaves together. */
  function pumpSoon(): void {
    if (soon || begun.size === lanes.length) return
    soon = true
    setImmediate(() => {
      soon = false
      pump()
    })
  }

  /** While somebody waits: whether a statement has come to be held up, who has waited too long, and who has gone. */
  function look(): void {
    const now = performance.now()
    const limit = now - ACQUIRE_TIMEOUT_MS
    const isOver = (waiter: Waiter): boolean => waiter.since <= limit || waiter.gone?.() === true
    for (const [key, queue] of queues) {
      const over = queue.filter(isOver)
      if (over.length === 0) continue
      const rest = queue.filter((waiter) => !over.includes(waiter))
      waiting -= over.length
      if (rest.length === 0) queues.delete(key)
      else queues.set(key, rest)
      for (const waiter of over) waiter.done({ ok: false, error: failure('overloaded', {}, 'no connection became free in time') })
    }
    for (const [lane, { since, calls, gone }] of begun) if (gone?.() || (calls > 1 && now - since >= COMPANY_MS)) lane.cancel()
    pump()
    const isWatching = waiting > 0 || [...begun.values()].some(isWatched)
    timer = isWatching ? setTimeout(look, HELD_UP_MS) : undefined
  }

  return {
    run(statement, values, gone) {
      return new Promise((resolve, reject) => {
        const done = (outcome: Outcome) => (outcome.ok ? resolve(outcome.rows) : reject(reasonOf(outcome.error, gone)))
        enqueue(statement, { since: performance.now(), values, done, gone })
      })
    },
    withLane(task, gone) {
      return new Promise((resolve, reject) => {
        const refuse = (error: unknown) => reject(reasonOf(error, gone))
        const errand: Errand = (lane) => task(lane).then(resolve, refuse)
        const done = (outcome: Outcome) => (outcome.ok ? undefined : refuse(outcome.error))
        enqueue(errand, { since: performance.now(), values: {}, done, gone })
      })
    },
    async close() {
      closed = true
      clearTimeout(timer)
      for (const queue of queues.values()) for (const waiter of queue) waiter.done({ ok: false, error: failure('shutting_down', {}) })
      queues.clear()
      await Promise.all(lanes.map((lane) => lane.close()))
    },
  }
}

/** Whether somebody waits for it still; whoever has gone is told so. */
function isHere({ gone, done }: Waiter): boolean {
  if (gone?.() !== true) return true
  done({ ok: false, error: failure('client_gone', {}) })
  return false
}

/** Whether it may have to be stopped. */
function isWatched({ gone, calls }: Trip): boolean {
  return gone !== undefined || calls > 1
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

/** Takes the next calls off a queue, in order; calls that would write the same row never share a statement, so the later ones wait for the next. */
function takeBatch(statement: Statement, queue: Waiter[], size: number): readonly Waiter[] {
  if (queue[0]?.alone) return queue.splice(0, 1)
  if (statement.distinct === undefined) return queue.splice(0, size)
  const key = statement.distinct
  const batch: Waiter[] = []
  const seen = new Set<unknown>()
  for (let i = 0; i < queue.length && batch.length < size; ) {
    const waiter = queue[i]
    const value = waiter?.values[key]
    if (waiter === undefined || waiter.alone || seen.has(value)) {
      i++
      continue
    }
    seen.add(value)
    batch.push(waiter)
    queue.splice(i, 1)
  }
  // One order of locking for all: two batches that share rows then wait for each other instead of deadlocking.
  return batch.sort((a, b) => (String(a.values[key]) < String(b.values[key]) ? -1 : 1))
}
