/** Who waits for a connection: calls by their statement, and errands, each in order. */

import type { Statement, Values } from '../../base/sql/statement.ts'
import type { Gone, Outcome } from './batch.ts'
import { MOST_CALLS } from './batch-size.ts'
import type { Lane } from './connection.ts'
import { distinctCalls } from './deduplicate.ts'
import { mergedForm } from './statement-text.ts'

/** A call that waits. */
export interface Waiter {
  readonly since: number
  readonly values: Values
  readonly done: (outcome: Outcome) => void
  /** It has been in company, which could not settle it. */
  readonly alone?: true
  readonly gone: Gone | undefined
}

/** Work that waits for a lane of its own. */
export type Errand = (lane: Lane) => Promise<void>

/** What calls wait for together. */
export type Goal = Statement | Errand

export interface Waiting {
  readonly count: () => number
  /** Whose turn it is first comes first; whoever is added while this is looked through is met in the same go. */
  readonly all: () => Iterable<readonly [Goal, readonly Waiter[]]>
  readonly add: (goal: Goal, waiter: Waiter) => void
  /** Takes the next calls of a statement, so many different ones at most, or the one of an errand. The rest goes to the end: no statement keeps the others from their turn. */
  readonly take: (goal: Goal, size: number) => readonly Waiter[]
  /** Takes all of whom this holds. */
  readonly takeWhere: (test: (waiter: Waiter) => boolean) => readonly Waiter[]
}

/** Nobody waits yet. */
export function openWaiting(): Waiting {
  const queues = new Map<Goal, Waiter[]>()
  let count = 0
  return {
    count: () => count,
    all: () => queues,
    add(goal, waiter) {
      count++
      const queue = queues.get(goal)
      if (queue === undefined) queues.set(goal, [waiter])
      // It has waited for its turn already, so it is the next of its statement, after others of its kind.
      else if (waiter.alone) queue.splice(queue.filter((one) => one.alone).length, 0, waiter)
      else queue.push(waiter)
    },
    take(goal, size) {
      const queue = queues.get(goal) ?? []
      queues.delete(goal)
      const taken = typeof goal === 'function' ? queue.splice(0) : takeBatch(goal, queue, size)
      count -= taken.length
      if (queue.length > 0) queues.set(goal, queue)
      return taken
    },
    takeWhere(test) {
      const taken: Waiter[] = []
      for (const [goal, queue] of queues) {
        const found = queue.filter(test)
        if (found.length === 0) continue
        taken.push(...found)
        const rest = queue.filter((waiter) => !found.includes(waiter))
        if (rest.length === 0) queues.delete(goal)
        else queues.set(goal, rest)
      }
      count -= taken.length
      return taken
    },
  }
}

/** Takes the next calls off a queue, in order; calls that would write the same row never share a statement, so the later ones wait for the next. */
function takeBatch(statement: Statement, queue: Waiter[], size: number): readonly Waiter[] {
  if (queue[0]?.alone) return queue.splice(0, 1)
  if (statement.merge === 'lateral') return takeAlike(statement, queue, size)
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

/** Takes so many different calls off a queue, in order, and with them those that ask the same: they cost nothing. */
function takeAlike(statement: Statement, queue: Waiter[], size: number): readonly Waiter[] {
  if (size === 1 || queue.length <= size) return queue.splice(0, size)
  const first = queue.splice(0, MOST_CALLS)
  const { places } = distinctCalls(
    mergedForm(statement).slots,
    first.map(({ values }) => values),
  )
  const isTaken = (_: Waiter, i: number) => (places[i] ?? size) < size
  queue.unshift(...first.filter((waiter, i) => !isTaken(waiter, i)))
  return first.filter(isTaken)
}
