/**
 * The time limit of a transaction. When it is reached, the failure tells whether the transaction waited for others: then the same request
 * may succeed a moment later (`write_conflict`), otherwise it asks for too much (`statement_timeout`).
 */

import { type Failure, failure } from '../../base/failure.ts'
import { slot, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import type { PooledConnection } from './connection.ts'

/** Whether the running statement of a session waits for a lock of another session. Never rejects; false when that is not known in time. */
export type IsBlocked = (processId: number | null) => Promise<boolean>

/** When and how a transaction is ended. */
export interface Deadline {
  /** Milliseconds until then. */
  readonly withinMs: number
  /** Whether the transaction runs again, after a deadlock or a serialization failure. */
  readonly isRetry: boolean
  readonly isBlocked: IsBlocked
}

/**
 * Cancels the running statement of a connection when the time is over, after `onReached` has got the failure.
 *
 * @returns a function that stops the timer.
 */
export function openDeadline(
  connection: PooledConnection,
  { withinMs, isRetry, isBlocked }: Deadline,
  onReached: (reached: Failure) => void,
): () => void {
  let isCleared = false
  const expire = async (): Promise<void> => {
    const waited = isRetry || (await isBlocked(connection.processId()))
    if (isCleared) return
    onReached(failure(waited ? 'write_conflict' : 'statement_timeout', {}, 'the transaction took too long'))
    connection.cancel()
  }
  const timer = setTimeout(() => void expire(), Math.max(0, withinMs))
  return () => {
    isCleared = true
    clearTimeout(timer)
  }
}

/** Source: PostgreSQL, "System Information Functions", pg_blocking_pids. */
const BLOCKED: Statement = { name: 'is blocked', sql: sql`select cardinality(pg_blocking_pids(${slot('process', 'integer')})) > 0` }

/** Asks on another connection whether a session is blocked. `withinMs`: how long to wait for the answer, in milliseconds. */
export function openBlockedQuery(run: Run, withinMs: number): IsBlocked {
  return (processId) => {
    if (processId === null) return Promise.resolve(false)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const timer = setTimeout(resolve, withinMs, false)
    run(BLOCKED, { process: processId }).then(
      ([row]) => resolve(row?.[0] === 't'),
      () => resolve(false),
    )
    return promise.finally(() => clearTimeout(timer))
  }
}
