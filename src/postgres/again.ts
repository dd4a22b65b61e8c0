/** What PostgreSQL has given up for the sake of others, and takes if it comes again. */

import { explainError } from './sqlstate.ts'

/** How often the same work may be given up before its caller is told: each time PostgreSQL has let another one through, after a second of waiting. */
export const MOST_TRIES = 3

/**
 * Whether PostgreSQL has rolled back what the error is about because it and another transaction waited for each other, so that the same work may be done
 * again at once: the other one goes on.
 *
 * Source: PostgreSQL, "Explicit Locking", Deadlocks.
 */
export function isDeadlock(error: unknown): boolean {
  const { kind } = explainError(error)
  return kind === 'deadlock' || kind === 'serialization'
}
