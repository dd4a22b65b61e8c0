/**
 * Runs the statements of requests over a fixed number of connections. Two more connections are reserved for health checks and login, which
 * must work under load.
 */

import { failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Row, Run, Runner, Statement, Values } from '../../base/sql/statement.ts'
import { type OnStatement, parametersOf, type Queryable, runMerged, runSingle } from './batch.ts'
import type { Client } from './client.ts'
import { openConnection, type PooledConnection, type Query, queryWith } from './connection.ts'
import { openPool } from './pool.ts'
import { isRetryable, mayRetry, pauseBeforeRetry } from './retry.ts'
import { singleText } from './statement-text.ts'

/** Runs statements over the connections for requests. A transaction holds its own connection until its work ends. */
export interface PooledRunner extends Runner {
  /** `withinMs`: the timeout of the whole transaction in milliseconds, from the moment when it has a connection. */
  readonly transaction: <T>(work: (runner: Runner) => Promise<T>, limit?: { readonly withinMs: number }) => Promise<T>
}

/** The executor of a backend. The inherited functions are for work without a client. */
export interface Executor extends PooledRunner {
  /**
   * A runner for one client. When the client disconnects before the answer, its queued work is dropped and its running statement is
   * cancelled. All clients with the same key share one caller's part of the connections.
   */
  forClient(client: Client): PooledRunner
  /** Like `run`, over the reserved connections: for health checks and login. */
  readonly runReserved: Run
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
  readonly onStatement?: OnStatement
}

const CONNECT_TIMEOUT_MS = 3000
const TRANSACTION_TIMEOUT_MS = 10_000

/**
 * The number of statements that run at a time. Two keep PostgreSQL busy while one of them waits for the disk or for this process. With
 * more, fewer calls merge (bench/, get with 32 callers: two statements are 1.4 times as fast as ten).
 */
const CONCURRENT_STATEMENTS = 2

/** Opens the executor. It connects on first use. */
export function openExecutor(options: ExecutorOptions): Executor {
  const connection = { url: options.url, statementTimeoutMs: options.statementTimeoutMs, connectTimeoutMs: CONNECT_TIMEOUT_MS }
  const onStatement = options.onStatement ?? (() => {})
  const merge = options.merge ?? true
  const { statementTimeoutMs } = options
  const ordinary = openPool(
    Array.from({ length: options.connections }, () => openConnection(connection)),
    { concurrency: CONCURRENT_STATEMENTS, merge, onStatement, statementTimeoutMs },
  )
  const reserved = openPool([openConnection(connection), openConnection(connection)], {
    concurrency: 2,
    merge,
    onStatement,
    statementTimeoutMs,
  })
  const longest = options.transactionTimeoutMs ?? TRANSACTION_TIMEOUT_MS
  const runnerFor = (client: Client | undefined): PooledRunner => ({
    run: (statement, values) => ordinary.run(statement, values, client),
    runAll: (statement, batch) => ordinary.withConnection((held) => runTogether(held, statement, batch, onStatement), client),
    runInOrder: (statements, values) =>
      ordinary.withConnection(async (held) => {
        const timer = setTimeout(() => held.cancel(), LIMITS.transactionMs)
        return runInOrder(held, statements, values, onStatement).finally(() => clearTimeout(timer))
      }, client),
    transaction: (work, limit) =>
      ordinary.withConnection((held) => inTransaction(held, work, { onStatement, withinMs: limit?.withinMs ?? longest }), client),
  })
  return {
    ...runnerFor(undefined),
    forClient: runnerFor,
    runReserved: (statement, values) => reserved.run(statement, values),
    async close() {
      await Promise.all([ordinary.close(), reserved.close()])
    },
  }
}

/** Runs statements over a connection without waiting between them. */
function runInOrder(
  on: Queryable,
  statements: readonly Statement[],
  values: Values,
  onStatement: OnStatement,
): Promise<readonly (readonly Row[])[]> {
  return on.query.inOrder(
    statements.map((statement) => {
      const rendered = singleText(statement)
      onStatement(statement.name, rendered.text)
      return { text: rendered.text, parameters: parametersOf(rendered, values) }
    }),
  )
}

async function runTogether(
  on: Queryable,
  statement: Statement,
  batch: readonly Values[],
  onStatement: OnStatement,
): Promise<readonly Row[]> {
  if (statement.merge === undefined) throw new Error(`${statement.name} does not take many calls`)
  return runMerged(on, statement, batch, onStatement)
}

interface TransactionOptions {
  readonly onStatement: OnStatement
  readonly withinMs: number
}

/** Runs the work in a transaction. After a deadlock or a serialization failure, it runs the whole work again. */
function inTransaction<T>(
  connection: PooledConnection,
  work: (runner: Runner) => Promise<T>,
  { onStatement, withinMs }: TransactionOptions,
): Promise<T> {
  return connection.session(async (query) => {
    const began = performance.now()
    for (let attempts = 1; ; attempts++) {
      await query('begin', [])
      const guarded = guard(connection, query, Math.max(0, began + withinMs - performance.now()))
      try {
        const result = await work(runnerOver(guarded, onStatement))
        const failed = guarded.failed()
        if (failed !== null) throw failed.error
        await query('commit', [])
        return result
      } catch (error) {
        // Without an answer the connection is lost, which ends the transaction.
        if (connection.hasAnswered()) await query('rollback', []).catch(() => connection.close())
        if (!isRetryable(guarded.failed()?.error) || !mayRetry(attempts, began) || connection.physical() === null) throw error
        await pauseBeforeRetry()
      } finally {
        guarded.release()
      }
    }
  })
}

/** The first error of the transaction. */
type Failed = { readonly error: unknown } | null

interface Guarded extends Queryable {
  readonly failed: () => Failed
  readonly release: () => void
}

/**
 * Guards the queries of one transaction: after the first failure, or after the timeout, it refuses every further query. (PostgreSQL answers
 * the commit of a failed transaction with a rollback and no error, so a failure must not be ignored.)
 */
function guard(connection: PooledConnection, query: Query, withinMs: number): Guarded {
  let failed: Failed = null
  const expire = (): void => {
    failed ??= { error: failure('statement_timeout', {}, 'the transaction took too long') }
    connection.cancel()
  }
  const timer = setTimeout(expire, withinMs)
  const attempt = async <R>(run: () => Promise<R>): Promise<R> => {
    if (failed !== null) throw failed.error
    try {
      return await run()
    } catch (error) {
      failed ??= { error }
      throw failed.error
    }
  }
  return {
    failed: () => failed,
    release: () => clearTimeout(timer),
    query: queryWith(
      (sending) => attempt(() => query(sending.text, sending.parameters, sending.open)),
      (sendings) => attempt(() => query.inOrder(sendings)),
    ),
  }
}

/** A runner whose statements all run in the given transaction. */
function runnerOver(on: Queryable, onStatement: OnStatement): Runner {
  const runner: Runner = {
    async run(statement, values) {
      const outcome = await runSingle(on, statement, values, onStatement)
      if (!outcome.ok) throw outcome.error
      return outcome.result
    },
    runAll: (statement, batch) => runTogether(on, statement, batch, onStatement),
    runInOrder: (statements, values) => runInOrder(on, statements, values, onStatement),
    transaction: (work) => work(runner),
  }
  return runner
}
