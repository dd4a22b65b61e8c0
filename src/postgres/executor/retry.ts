/** Retries after deadlocks and serialization failures. */

import { setTimeout as sleep } from 'node:timers/promises'
import { explainError } from '../sqlstate.ts'

/**
 * The maximum number of attempts, including the first. PostgreSQL detects a deadlock after a wait of one second (`deadlock_timeout`),
 * aborts one of the transactions, and lets the others continue.
 */
const MAX_ATTEMPTS = 3

/** No retry after this many milliseconds, because other calls wait for the connection. */
const MAX_RETRY_MS = 3_000

/**
 * Milliseconds before a retry. The pause lets the other transaction finish; it is random, so that the same transactions do not collide
 * again.
 */
const PAUSE_MS = { min: 50, max: 200 } as const

/**
 * Whether work may run again. `attempts`: the number of attempts so far. `since`: the start of the first attempt, in the time of
 * `performance.now()`.
 */
export function mayRetry(attempts: number, since: number): boolean {
  return attempts < MAX_ATTEMPTS && performance.now() - since < MAX_RETRY_MS
}

/** Waits for 50 to 200 ms, at random. */
export function pauseBeforeRetry(): Promise<void> {
  return sleep(PAUSE_MS.min + Math.random() * (PAUSE_MS.max - PAUSE_MS.min))
}

/**
 * Whether PostgreSQL rolled the work back because of another transaction (deadlock or serialization failure), so that the same work may run
 * again.
 *
 * Source: PostgreSQL, "Explicit Locking", Deadlocks; "Transaction Isolation", Serialization Failure Handling.
 */
export function isRetryable(error: unknown): boolean {
  const { kind } = explainError(error)
  return kind === 'deadlock' || kind === 'serialization'
}
