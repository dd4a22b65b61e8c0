/** What PostgreSQL has given up for the sake of others, and takes if it comes again. */

import { setTimeout as sleep } from 'node:timers/promises'
import { explainError } from '../sqlstate.ts'

/** How often work is tried before its caller is told that it was given up: each time PostgreSQL has let another one through, after a second of waiting. */
const MOST_TRIES = 3

/** Whose work has taken so long already, in milliseconds, is told: it holds a connection that others wait for. */
const LONGEST_MS = 3_000

/** Milliseconds: long enough for the other one to go on, and at random, so that those who met do not meet again. */
const PAUSE_MS = { least: 50, most: 200 } as const

/** Whether work that was tried so often since then may be tried again. */
export function mayGoAgain(tries: number, since: number): boolean {
  return tries < MOST_TRIES && performance.now() - since < LONGEST_MS
}

/** Waits for a random moment. */
export function pause(): Promise<void> {
  return sleep(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least))
}

/**
 * Whether PostgreSQL has rolled back what the error is about for the sake of another transaction, so that the same work may be done again: they waited for
 * each other, or could not have run one after the other.
 *
 * Source: PostgreSQL, "Explicit Locking", Deadlocks; "Transaction Isolation", Serialization Failure Handling.
 */
export function isGivenUp(error: unknown): boolean {
  const { kind } = explainError(error)
  return kind === 'deadlock' || kind === 'serialization'
}
