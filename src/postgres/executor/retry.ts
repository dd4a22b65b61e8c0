/** Retries after deadlocks and serialization failures. */

import { setTimeout as sleep } from 'node:timers/promises'
import { explainError } from '../sqlstate.ts'

/**
 * The maximum number of attempts, including the first. PostgreSQL detects a deadlock after a wait of one second (`deadlock_timeout`),
 * aborts one of the transactions, and lets the others continue.
 */
const MAX_ATTEMPTS = 4

/**
 * Milliseconds before the first retry; twice as many before each further one. The pause lets the other transaction finish; it is random, so
 * that the same transactions do not collide again.
 */
const PAUSE_MS = { min: 20, max: 100 } as const

/** The attempts at some work so far. */
export interface Attempts {
  readonly count: number
  /** The start of the first attempt, in the time of `performance.now()`. */
  readonly since: number
}

/** Whether work may run again. `withinMs`: no retry after this many milliseconds. */
export function mayRetry({ count, since }: Attempts, withinMs: number): boolean {
  return count < MAX_ATTEMPTS && performance.now() - since < withinMs
}

/** Waits for 20 to 100 ms at random after the first attempt, and twice as long after each further one. @param count the attempts so far */
export function pauseBeforeRetry(count: number): Promise<void> {
  return sleep((PAUSE_MS.min + Math.random() * (PAUSE_MS.max - PAUSE_MS.min)) * 2 ** (count - 1))
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
