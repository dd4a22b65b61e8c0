/**
 * Runs the statements of requests over a fixed number of connections. Two more connections are reserved for health checks and login, which
 * must work under load.
 */

import type { Failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Run, Runner } from '../../base/sql/statement.ts'
import type { OnRun } from '../slow-statements.ts'
import type { OnStatement } from './batch.ts'
import type { Client } from './client.ts'
import { openConnection } from './connection.ts'
import { openBlockedQuery, openDeadline } from './deadline.ts'
import { openPool, type Pool, type PoolLoad } from './pool.ts'
import { timeLimits } from './time-limits.ts'
import { inTransaction, runInOrder, runTogether } from './transaction.ts'

/** Runs statements over the connections for requests. A transaction holds its own connection until its work ends. */
export type PooledRunner = Runner

/** The executor of a backend. The inherited functions are for work without a client. */
export interface Executor extends PooledRunner {
  /**
   * A runner for one client. When the client disconnects before the answer, its queued work is dropped and its running statement is
   * cancelled. All clients with the same key share one caller's part of the connections.
   */
  forClient(client: Client): PooledRunner
  /** Like `run`, over the reserved connections: for health checks and login. */
  readonly runReserved: Run
  /** Milliseconds since the last call that was not reserved; infinite before the first one. */
  readonly quietMs: () => number
  /** What the connections for requests are doing. */
  readonly load: () => PoolLoad
  close(): Promise<void>
}

/** Options of an executor. */
export interface ExecutorOptions {
  readonly url: string
  /** The number of connections for requests, without the two reserved connections. */
  readonly connections: number
  readonly statementTimeoutMs: number
  /** The default timeout of a transaction in milliseconds; 10,000 unless given. */
  readonly transactionTimeoutMs?: number
  /** Whether calls may share a statement; false is for tests and measurements. */
  readonly merge?: boolean
  /** Every time limit is multiplied by this number; 1 unless given. Tests use more, because a busy machine may be slow. */
  readonly patience?: number
  /** Further settings of its sessions. */
  readonly settings?: Readonly<Record<string, string>>
  readonly onStatement?: OnStatement
  /** Called with each statement of a pool that has run; absent where nobody asks. */
  readonly onRun?: OnRun
}

const TRANSACTION_TIMEOUT_MS = 10_000

/**
 * The number of statements that run at a time. Two keep PostgreSQL busy while one of them waits for the disk or for this process. With
 * more, fewer calls merge (bench/, get with 32 callers: two statements are 1.4 times as fast as ten).
 */
const CONCURRENT_STATEMENTS = 2

/** Opens the executor. It connects on first use. */
export function openExecutor(options: ExecutorOptions): Executor {
  const { patience = 1, merge = true, onStatement = () => {} } = options
  const own = { statementMs: options.statementTimeoutMs, transactionMs: options.transactionTimeoutMs ?? TRANSACTION_TIMEOUT_MS }
  const limits = timeLimits(own, patience)
  const connection = { url: options.url, limits, ...(options.settings === undefined ? {} : { settings: options.settings }) }
  const connections = Array.from({ length: options.connections }, () => openConnection(connection))
  const ordinary = timed(
    openPool(connections, {
      concurrency: CONCURRENT_STATEMENTS,
      merge,
      onStatement,
      limits,
      ...(options.onRun === undefined ? {} : { onRun: options.onRun }),
    }),
  )
  const reserved = openPool([openConnection(connection), openConnection(connection)], { concurrency: 2, merge, onStatement, limits })
  const isBlocked = openBlockedQuery((statement, values) => reserved.run(statement, values), limits.blockedMs)
  const runnerFor = (client: Client | undefined): PooledRunner => ({
    run: (statement, values) => ordinary.run(statement, values, client),
    runAll: (statement, batch) => ordinary.withConnection((held) => runTogether(held, statement, batch, onStatement), client),
    runInOrder: (statements, values) =>
      ordinary.withConnection(async (held) => {
        let over: Failure | null = null
        const deadline = { withinMs: LIMITS.transactionMs * patience, isRetry: false, isBlocked }
        const clear = openDeadline(held, deadline, (reached) => {
          over = reached
        })
        return runInOrder(held, statements, values, onStatement)
          .catch((error: unknown) => {
            throw over ?? error
          })
          .finally(clear)
      }, client),
    transaction: (work, { withinMs: given, isolation, access, setting } = {}) => {
      const withinMs = given === undefined ? limits.transactionMs : given * patience
      const how = { onStatement, withinMs, retryMs: limits.retryMs, isBlocked, isolation, access, setting }
      return ordinary.withConnection((held) => inTransaction(held, work, how), client)
    },
  })
  return {
    ...runnerFor(undefined),
    forClient: runnerFor,
    runReserved: (statement, values) => reserved.run(statement, values),
    quietMs: ordinary.quietMs,
    load: ordinary.load,
    async close() {
      await Promise.all([ordinary.close(), reserved.close()])
    },
  }
}

/** The same pool, with the milliseconds since its last call. */
function timed(pool: Pool): Pool & Pick<Executor, 'quietMs'> {
  let lastCall = Number.NEGATIVE_INFINITY
  return {
    ...pool,
    run: (statement, values, client) => {
      lastCall = performance.now()
      return pool.run(statement, values, client)
    },
    withConnection: (work, client) => {
      lastCall = performance.now()
      return pool.withConnection(work, client)
    },
    quietMs: () => performance.now() - lastCall,
  }
}
