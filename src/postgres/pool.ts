/**
 * Who gets a connection when. A call goes out at once while one is free; while all are busy, calls of the same statement wait together and leave together.
 * Nothing waits for company: without load every call is a plain prepared query. What waits, waits in order, in a queue that has an end.
 */

import { failure } from '../base/failure.ts'
import type { Row, Statement, Values } from '../base/statement.ts'
import { type OnStatement, type Outcome, runBatch } from './batch.ts'
import type { Lane } from './lane.ts'

/** A call waits at most this long for a connection; then the server says that it is overloaded. */
const ACQUIRE_TIMEOUT_MS = 3000
const MAX_WAITING = 1000

/**
 * A statement should hold its connection no longer than this, for whoever comes next waits for it: one that took longer carries half as many calls the next
 * time, one that took half as long carries twice as many. So an expensive statement soon goes alone and holds up nobody but its own caller.
 */
const BATCH_MS = 10
const FIRST_BATCH = 32
const MAX_BATCH = 128

export interface Pool {
  /** Runs one call; with others of its statement when it has to wait. */
  run(statement: Statement, values: Values): Promise<readonly Row[]>
  /** Lends a lane by itself. */
  withLane<T>(work: (lane: Lane) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Something that waits for a lane: a call of a statement, or work that wants the lane to itself (`statement` null). */
interface Waiter {
  readonly since: number
  readonly values: Values
  readonly done: (outcome: Outcome) => void
}

/** A pool over lanes that nothing else uses. */
export function openPool(lanes: readonly Lane[], options: { readonly merge: boolean; readonly onStatement: OnStatement }): Pool {
  const free = [...lanes]
  // Waiters by statement, the statement that has waited longest first; work that wants a lane to itself waits under a key of its own.
  const queues = new Map<object, Waiter[]>()
  const work = new Map<object, (lane: Lane) => Promise<void>>()
  const sizes = new WeakMap<Statement, number>()
  let waiting = 0
  let closed = false
  let sweep: NodeJS.Timeout | undefined

  function enqueue(key: object, waiter: Waiter): void {
    if (closed || waiting >= MAX_WAITING) {
      waiter.done({ ok: false, error: closed ? failure('shutting_down', {}) : failure('overloaded', {}, 'the queue is full') })
      return
    }
    waiting++
    const queue = queues.get(key)
    if (queue === undefined) queues.set(key, [waiter])
    else queue.push(waiter)
    sweep ??= setTimeout(giveUp, ACQUIRE_TIMEOUT_MS)
  }

  /** One timer for all who wait: refuses those who have waited too long and looks again when the next one will have. */
  function giveUp(): void {
    sweep = undefined
    const limit = performance.now() - ACQUIRE_TIMEOUT_MS
    let oldest = Number.POSITIVE_INFINITY
    for (const [key, queue] of queues) {
      const late = queue.filter((w) => w.since <= limit)
      const rest = queue.filter((w) => w.since > limit)
      waiting -= late.length
      if (rest.length === 0) queues.delete(key)
      else queues.set(key, rest)
      oldest = Math.min(oldest, ...rest.map((w) => w.since))
      for (const waiter of late) waiter.done({ ok: false, error: failure('overloaded', {}, 'no connection became free in time') })
    }
    if (oldest < Number.POSITIVE_INFINITY) sweep = setTimeout(giveUp, Math.max(1, oldest - limit))
  }

  function release(lane: Lane): void {
    const [next] = queues
    if (next === undefined) {
      free.push(lane)
      return
    }
    const [key, queue] = next
    queues.delete(key)
    const alone = work.get(key)
    if (alone !== undefined) {
      waiting -= queue.length
      work.delete(key)
      void alone(lane)
      return
    }
    const statement = key as Statement
    const size = options.merge && statement.merge !== undefined ? (sizes.get(statement) ?? FIRST_BATCH) : 1
    const batch = takeBatch(statement, queue, size)
    waiting -= batch.length
    if (queue.length > 0) queues.set(key, queue)
    void start(lane, statement, batch)
  }

  async function start(lane: Lane, statement: Statement, batch: readonly Pick<Waiter, 'values' | 'done'>[]): Promise<void> {
    const begun = performance.now()
    const outcomes = await runBatch(
      lane,
      statement,
      batch.map((w) => w.values),
      options.onStatement,
    )
    sizes.set(statement, nextSize(sizes.get(statement) ?? FIRST_BATCH, batch.length, performance.now() - begun))
    release(lane)
    for (const [i, waiter] of batch.entries()) waiter.done(outcomes[i] ?? { ok: false, error: new Error('a call without an outcome') })
  }

  function run(statement: Statement, values: Values): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      const done = (outcome: Outcome) => (outcome.ok ? resolve(outcome.rows) : reject(outcome.error))
      const lane = closed ? undefined : free.pop()
      if (lane === undefined) enqueue(statement, { since: performance.now(), values, done })
      else void start(lane, statement, [{ values, done }])
    })
  }

  return {
    run,
    withLane(task) {
      return new Promise((resolve, reject) => {
        const alone = async (lane: Lane) => {
          try {
            resolve(await task(lane))
          } catch (error) {
            reject(error)
          } finally {
            release(lane)
          }
        }
        const lane = closed ? undefined : free.pop()
        if (lane !== undefined) {
          void alone(lane)
          return
        }
        const key = {}
        work.set(key, alone)
        const done = (outcome: Outcome) => {
          work.delete(key)
          if (!outcome.ok) reject(outcome.error)
        }
        enqueue(key, { since: performance.now(), values: {}, done })
      })
    },
    async close() {
      closed = true
      clearTimeout(sweep)
      for (const queue of queues.values()) for (const waiter of queue) waiter.done({ ok: false, error: failure('shutting_down', {}) })
      queues.clear()
      await Promise.all(lanes.map((lane) => lane.close()))
    },
  }
}

/** How many calls of a statement may go together, after `count` of them took `tookMs`. */
function nextSize(size: number, count: number, tookMs: number): number {
  if (tookMs > BATCH_MS) return Math.max(1, Math.floor(count / 2))
  if (tookMs < BATCH_MS / 2) return Math.min(MAX_BATCH, Math.max(size, count * 2))
  return size
}

/** Takes the next calls off a queue, in order; calls that would write the same row never share a statement, so the later ones wait for the next. */
function takeBatch(statement: Statement, queue: Waiter[], size: number): readonly Waiter[] {
  if (statement.distinct === undefined) return queue.splice(0, size)
  const key = statement.distinct
  const batch: Waiter[] = []
  const seen = new Set<unknown>()
  for (let i = 0; i < queue.length && batch.length < size; ) {
    const waiter = queue[i]
    const value = waiter?.values[key]
    if (waiter === undefined || seen.has(value)) {
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
