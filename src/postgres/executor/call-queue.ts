/** Calls and tasks that wait for a connection: one queue for the calls of each statement, and one for each task. */

import type { Statement, Values } from '../../base/sql/statement.ts'
import { textSet } from '../../base/texts/text-hash.ts'
import type { CallOutcome } from './batch.ts'
import { MAX_BATCH } from './batch-size.ts'
import type { Client } from './client.ts'
import type { PooledConnection } from './connection.ts'
import { distinctCalls } from './deduplicate.ts'
import { mergedText } from './statement-text.ts'

/** A waiting call. */
export interface QueuedCall {
  /** When the call arrived, in the time of `performance.now()`. */
  readonly since: number
  readonly values: Values
  /** Called once, with the outcome. */
  readonly done: (outcome: CallOutcome) => void
  /** True when a merged run gave no answer for this call, so it runs singly. */
  readonly single?: true
  /** Absent for work of the server itself. */
  readonly client: Client | undefined
}

/** Work that needs a connection to itself. */
export type ConnectionTask = (connection: PooledConnection) => Promise<void>

/** What a queue is for: calls of one statement, or one task. */
export type QueueKey = Statement<unknown> | ConnectionTask

/** The queues, in order of arrival. */
export interface CallQueue {
  /** The number of calls and tasks in all queues. */
  readonly count: () => number
  /** The number of queues: statements with waiting calls, and tasks. */
  readonly keys: () => number
  /** The queues in order. Entries added during iteration are included. */
  readonly all: () => Iterable<readonly [QueueKey, readonly QueuedCall[]]>
  readonly add: (key: QueueKey, call: QueuedCall) => void
  /**
   * Takes the next calls of a statement (at most `size` different calls), or the one entry of a task. With `mayStart`, it takes only calls
   * for which `mayStart` is true. The rest of the queue then moves to the end, so that each statement gets its turn.
   */
  readonly take: (key: QueueKey, size: number, mayStart?: (call: QueuedCall) => boolean) => readonly QueuedCall[]
  /** Takes all calls that pass the test. */
  readonly takeWhere: (test: (call: QueuedCall) => boolean) => readonly QueuedCall[]
  /**
   * Makes room for a call of `client` in a full queue: takes the newest call of the caller who has the most calls, if that caller has more
   * calls than `client`; undefined otherwise.
   */
  readonly takeFromGreediest: (client: Client | undefined) => QueuedCall | undefined
}

/** Opens empty queues. */
export function openCallQueue(): CallQueue {
  const queues = new Map<QueueKey, QueuedCall[]>()
  let count = 0
  return {
    count: () => count,
    keys: () => queues.size,
    all: () => queues,
    add(key, call) {
      count++
      const queue = queues.get(key)
      if (queue === undefined) queues.set(key, [call])
      // A single retry has already waited, so it goes to the front, behind earlier single retries.
      else if (call.single) queue.splice(queue.filter((one) => one.single).length, 0, call)
      else queue.push(call)
    },
    take(key, size, mayStart) {
      const queue = queues.get(key) ?? []
      const ready = mayStart === undefined ? queue : queue.filter(mayStart)
      if (ready.length === 0) return []
      queues.delete(key)
      const all = mayStart === undefined ? null : queue
      const taken = typeof key === 'function' ? ready.splice(0) : takeBatch(key, ready, size)
      count -= taken.length
      const rest = all === null ? ready : without(all, taken)
      if (rest.length > 0) queues.set(key, rest)
      return taken
    },
    takeWhere(test) {
      const taken: QueuedCall[] = []
      for (const [key, queue] of queues) {
        const found = queue.filter(test)
        if (found.length === 0) continue
        taken.push(...found)
        const rest = queue.filter((call) => !found.includes(call))
        if (rest.length === 0) queues.delete(key)
        else queues.set(key, rest)
      }
      count -= taken.length
      return taken
    },
    takeFromGreediest(client) {
      const newest = newestOfGreediest([...queues.values()].flat(), client)
      if (newest !== undefined) this.takeWhere((call) => call === newest)
      return newest
    },
  }
}

/** The ids of the rows that a call writes, as texts, as far as its statement tells them. */
export function rowsWritten({ distinct }: Statement<unknown>, values: Values): readonly string[] {
  if (distinct === undefined) return NONE
  const rows: string[] = []
  for (let i = 0; i < distinct.length; i++) {
    const id = values[distinct[i] as string] ?? null
    if (id !== null) rows.push(typeof id === 'string' ? id : String(id))
  }
  return rows
}

const NONE: readonly string[] = []

/** The calls of a queue that were not taken, in order. */
function without(queue: readonly QueuedCall[], taken: readonly QueuedCall[]): QueuedCall[] {
  const gone = new Set(taken)
  return queue.filter((call) => !gone.has(call))
}

/** The newest call of the caller with most calls; undefined when no caller has more calls than `client`. */
function newestOfGreediest(calls: readonly QueuedCall[], client: Client | undefined): QueuedCall | undefined {
  const counts = new Map<string | undefined, number>()
  for (const call of calls) counts.set(call.client?.key, (counts.get(call.client?.key) ?? 0) + 1)
  let greediest = client?.key
  for (const [key, many] of counts) if (key !== undefined && many > (counts.get(greediest) ?? 0) + 1) greediest = key
  return greediest === client?.key
    ? undefined
    : calls.filter((call) => call.client?.key === greediest).reduce((a, b) => (a.since > b.since ? a : b))
}

/** Removes the next batch from a queue, in order. Calls that write the same row never share a statement: later ones stay in the queue. */
function takeBatch(statement: Statement<unknown>, queue: QueuedCall[], size: number): readonly QueuedCall[] {
  if (queue[0]?.single) return queue.splice(0, 1)
  if (statement.merge === 'lateral') return takeReads(statement, queue, size)
  if (statement.distinct === undefined) return queue.splice(0, size)
  const [key = ''] = statement.distinct
  const batch: QueuedCall[] = []
  const seen = textSet(queue.length * statement.distinct.length)
  let left = 0
  for (let i = 0; i < queue.length; i++) {
    const call = queue[i] as QueuedCall
    const rows = batch.length < size && !call.single ? rowsWritten(statement, call.values) : null
    if (rows === null || rows.some(seen.has)) {
      queue[left++] = call
      continue
    }
    rows.forEach(seen.add)
    batch.push(call)
  }
  queue.length = left
  // All batches lock rows in the same order, so two batches with common rows cannot deadlock.
  return batch.sort((a, b) => (String(a.values[key]) < String(b.values[key]) ? -1 : 1))
}

/** Removes at most `size` different calls, in order. Equal calls cost nothing, so they are removed too. */
function takeReads(statement: Statement<unknown>, queue: QueuedCall[], size: number): readonly QueuedCall[] {
  if (size === 1 || queue.length <= size) return queue.splice(0, size)
  const first = queue.splice(0, MAX_BATCH)
  const { places } = distinctCalls(
    mergedText(statement).slots,
    first.map(({ values }) => values),
  )
  const isTaken = (_: QueuedCall, i: number) => (places[i] ?? size) < size
  queue.unshift(...first.filter((call, i) => !isTaken(call, i)))
  return first.filter(isTaken)
}
