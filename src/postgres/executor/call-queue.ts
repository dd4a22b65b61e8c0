/** Calls and tasks that wait for a connection: calls in one queue for each statement, tasks each by itself. */

import type { Statement, Values } from '../../base/sql/statement.ts'
import type { CallOutcome, ClientGone } from './batch.ts'
import { MAX_BATCH } from './batch-size.ts'
import type { PooledConnection } from './connection.ts'
import { distinctCalls } from './deduplicate.ts'
import { mergedText } from './statement-text.ts'

/** A call that waits. */
export interface QueuedCall {
  /** When it arrived, as `performance.now()` gives it. */
  readonly since: number
  readonly values: Values
  /** Receives the outcome, once. */
  readonly done: (outcome: CallOutcome) => void
  /** A merged run gave no answer for this call: it runs singly. */
  readonly single?: true
  readonly clientGone: ClientGone | undefined
}

/** Work that needs a connection to itself. */
export type ConnectionTask = (connection: PooledConnection) => Promise<void>

/** What a queue is for: calls of one statement, or one task. */
export type QueueKey = Statement | ConnectionTask

/** The queues, in order of arrival. */
export interface CallQueue {
  /** Calls and tasks in all queues. */
  readonly count: () => number
  /** The queues in order. Entries added during iteration are included. */
  readonly all: () => Iterable<readonly [QueueKey, readonly QueuedCall[]]>
  readonly add: (key: QueueKey, call: QueuedCall) => void
  /**
   * Takes the next calls of a statement (at most `size` different ones), or the one entry of a task. The rest of the queue moves to the
   * end, so that each statement gets its turn.
   */
  readonly take: (key: QueueKey, size: number) => readonly QueuedCall[]
  /** Takes all calls that pass the test. */
  readonly takeWhere: (test: (call: QueuedCall) => boolean) => readonly QueuedCall[]
}

/** Opens empty queues. */
export function openCallQueue(): CallQueue {
  const queues = new Map<QueueKey, QueuedCall[]>()
  let count = 0
  return {
    count: () => count,
    all: () => queues,
    add(key, call) {
      count++
      const queue = queues.get(key)
      if (queue === undefined) queues.set(key, [call])
      // A single retry has waited before: it goes to the front, behind earlier single retries.
      else if (call.single) queue.splice(queue.filter((one) => one.single).length, 0, call)
      else queue.push(call)
    },
    take(key, size) {
      const queue = queues.get(key) ?? []
      queues.delete(key)
      const taken = typeof key === 'function' ? queue.splice(0) : takeBatch(key, queue, size)
      count -= taken.length
      if (queue.length > 0) queues.set(key, queue)
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
  }
}

/** Removes the next batch from a queue, in order. Calls that write the same row never share a statement: later ones stay in the queue. */
function takeBatch(statement: Statement, queue: QueuedCall[], size: number): readonly QueuedCall[] {
  if (queue[0]?.single) return queue.splice(0, 1)
  if (statement.merge === 'lateral') return takeReads(statement, queue, size)
  if (statement.distinct === undefined) return queue.splice(0, size)
  const key = statement.distinct
  const batch: QueuedCall[] = []
  const seen = new Set<unknown>()
  for (let i = 0; i < queue.length && batch.length < size; ) {
    const call = queue[i]
    const value = call?.values[key]
    if (call === undefined || call.single || seen.has(value)) {
      i++
      continue
    }
    seen.add(value)
    batch.push(call)
    queue.splice(i, 1)
  }
  // All batches lock rows in one order: two batches with common rows then wait for each other instead of deadlocking.
  return batch.sort((a, b) => (String(a.values[key]) < String(b.values[key]) ? -1 : 1))
}

/** Removes at most `size` different calls, in order, and all calls equal to them, which cost nothing. */
function takeReads(statement: Statement, queue: QueuedCall[], size: number): readonly QueuedCall[] {
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
