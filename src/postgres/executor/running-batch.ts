/** The running batches, one on each busy connection. */

import type { Statement } from '../../base/sql/statement.ts'

/** The batch that a connection is running. */
export interface RunningBatch {
  /** When it started, in the time of `performance.now()`. */
  readonly since: number
  /** The statement; null for a connection task. */
  readonly statement: Statement<unknown> | null
  /** Whether it is a single retry. The time of a retry does not show the cost of its statement. */
  readonly isRetry: boolean
  /** Whether the clients of all calls have disconnected; undefined when a call has no client. */
  readonly clientGone: (() => boolean) | undefined
  /** Key of the caller when all calls are of one caller; null otherwise. */
  readonly caller: string | null
  /** The ids of the rows that the batch writes; empty when its statement does not identify rows. */
  readonly rows: readonly string[]
  /** The number of its calls. */
  readonly calls: number
}

/** A batch that runs for more than this many milliseconds is slow. Other statements may then start on other connections. */
export const SLOW_MS = 50

/** Milliseconds that calls may wait for a running merged batch of the same statement. */
const MAX_GATHER_MS = 5

/**
 * A merged batch is cancelled after this many milliseconds, and its calls run singly, so that one slow call delays the others only for this
 * long.
 */
const MAX_MERGED_MS = 500

/** The numbers of running statements and of running tasks that are not slow. */
export interface FastBatches {
  readonly statements: number
  readonly tasks: number
}

/** Counts the running batches that are not slow. `now` is the time of `performance.now()`, here and below. */
export function countFast(batches: Iterable<RunningBatch>, now: number): FastBatches {
  let [statements, tasks] = [0, 0]
  for (const { since, statement } of batches) {
    if (now - since >= SLOW_MS) continue
    if (statement === null) tasks++
    else statements++
  }
  return { statements, tasks }
}

/** Whether a batch of the statement, other than a single retry, is slow. */
export function isSlow(batches: Iterable<RunningBatch>, statement: Statement<unknown>, now: number): boolean {
  for (const batch of batches) if (batch.statement === statement && !batch.isRetry && now - batch.since >= SLOW_MS) return true
  return false
}

/** Whether a merged batch of the statement started less than 5 ms ago, so that it may end soon. */
export function isMergedRunning(batches: Iterable<RunningBatch>, statement: Statement<unknown>, now: number): boolean {
  for (const batch of batches) if (batch.statement === statement && batch.calls > 1 && now - batch.since < MAX_GATHER_MS) return true
  return false
}

/** Whether the batch may have to be cancelled later. */
export function isCancellable({ clientGone, calls }: RunningBatch): boolean {
  return clientGone !== undefined || calls > 1
}

/** Whether the batch must be cancelled now: all its clients have disconnected, or it is a merged batch that runs for too long. */
export function mustCancel({ since, calls, clientGone }: RunningBatch, now: number): boolean {
  return clientGone?.() === true || (calls > 1 && now - since >= MAX_MERGED_MS)
}
