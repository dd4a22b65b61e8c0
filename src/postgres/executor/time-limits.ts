/** The time limits of an executor, in milliseconds: so that one caller, one lock or one lost connection cannot stop the others for long. */

/** Each limit, by name. */
export interface TimeLimits {
  /** For a new connection to PostgreSQL. */
  readonly connectMs: number
  /** A call waits at most this long for a connection. Then the server answers `overloaded`, within three seconds of the request. */
  readonly acquireMs: number
  readonly statementMs: number
  /** For one lock. */
  readonly lockMs: number
  /** After this time without a statement, PostgreSQL ends a transaction. */
  readonly idleMs: number
  /** No retry after this time, because other calls wait for the connection. */
  readonly retryMs: number
  /** For a transaction without a limit of its own. */
  readonly transactionMs: number
  /** For the answer to the question whether a transaction waits for a lock. */
  readonly blockedMs: number
}

/** The limits that an executor does not get from its options. */
const USUAL = { connectMs: 3_000, acquireMs: 2_000, lockMs: 3_000, idleMs: 10_000, retryMs: 3_000, blockedMs: 500 } as const

/** The limits with which an executor runs: all of them multiplied by `patience`. */
export function timeLimits(own: Pick<TimeLimits, 'statementMs' | 'transactionMs'>, patience: number): TimeLimits {
  const limits = { ...USUAL, ...own }
  return {
    connectMs: limits.connectMs * patience,
    acquireMs: limits.acquireMs * patience,
    statementMs: limits.statementMs * patience,
    lockMs: limits.lockMs * patience,
    idleMs: limits.idleMs * patience,
    retryMs: limits.retryMs * patience,
    transactionMs: limits.transactionMs * patience,
    blockedMs: limits.blockedMs * patience,
  }
}
