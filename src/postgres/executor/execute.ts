/** The one way to PostgreSQL for requests: statements over a fixed number of connections, some of them kept for what must always answer. */

import { failure } from '../../base/failure.ts'
import type { Row, Runner, Statement, Values } from '../../base/sql/statement.ts'
import { type Gone, type OnStatement, type Querying, runMerged, runSingle } from './batch.ts'
import { type Lane, openLane, type Query } from './connection.ts'
import { openPool } from './pool.ts'
import { isGivenUp, mayGoAgain, pause } from './retry.ts'

/** Runs what it is given over the connections for requests; a transaction has one to itself for as long as its work takes. */
export interface PooledRunner extends Runner {
  /** `withinMs`: how long all of it may take, once it has a connection. */
  readonly transaction: <T>(work: (runner: Runner) => Promise<T>, limit?: { readonly withinMs: number }) => Promise<T>
}

export interface Executor extends PooledRunner {
  /** The same for one caller, who may go before there is an answer. */
  forCaller(gone: Gone): PooledRunner
  /** Like `run`, over a connection kept for what must answer under load: health and login. */
  runReserved(statement: Statement, values: Values): Promise<readonly Row[]>
  close(): Promise<void>
}

export interface ExecutorOptions {
  readonly url: string
  readonly lanes: number
  readonly statementTimeoutMs: number
  /** For a whole transaction that has no limit of its own; ten seconds unless given. */
  readonly transactionTimeoutMs?: number
  /** Whether calls may share a statement; false is for tests and measurements. */
  readonly merge?: boolean
  readonly onStatement?: OnStatement
}

const CONNECT_TIMEOUT_MS = 3000
const TRANSACTION_TIMEOUT_MS = 10_000

/**
 * Statements that run at a time. Two keep PostgreSQL busy while one of them waits for the disk or for this process; with more, calls that could have shared
 * a statement go alone (bench/, get at 32 callers: two beat ten by 1.4).
 */
const RUNNING = 2

/** Opens the executor; connections are made as they are needed. */
export function openExecutor(options: ExecutorOptions): Executor {
  const lane = { url: options.url, statementTimeoutMs: options.statementTimeoutMs, connectTimeoutMs: CONNECT_TIMEOUT_MS }
  const onStatement = options.onStatement ?? (() => {})
  const merge = options.merge ?? true
  const ordinary = openPool(
    Array.from({ length: options.lanes }, () => openLane(lane)),
    { running: RUNNING, merge, onStatement },
  )
  const reserved = openPool([openLane(lane), openLane(lane)], { running: 2, merge, onStatement })
  const longest = options.transactionTimeoutMs ?? TRANSACTION_TIMEOUT_MS
  const runnerFor = (gone: Gone | undefined): PooledRunner => ({
    run: (statement, values) => ordinary.run(statement, values, gone),
    runAll: (statement, batch) => ordinary.withLane((l) => runTogether(l, statement, batch, onStatement), gone),
    transaction: (work, limit) =>
      ordinary.withLane((l) => inTransaction(l, work, { onStatement, withinMs: limit?.withinMs ?? longest }), gone),
  })
  return {
    ...runnerFor(undefined),
    forCaller: runnerFor,
    runReserved: (statement, values) => reserved.run(statement, values),
    async close() {
      await Promise.all([ordinary.close(), reserved.close()])
    },
  }
}

async function runTogether(
  lane: Querying,
  statement: Statement,
  batch: readonly Values[],
  onStatement: OnStatement,
): Promise<readonly Row[]> {
  if (statement.merge === undefined) throw new Error(`${statement.name} does not take many calls`)
  return runMerged(lane, statement, batch, onStatement)
}

interface TransactionOptions {
  readonly onStatement: OnStatement
  readonly withinMs: number
}

/** Runs the work in a transaction, and all of it again when PostgreSQL gives the transaction up to end a deadlock. */
function inTransaction<T>(lane: Lane, work: (runner: Runner) => Promise<T>, { onStatement, withinMs }: TransactionOptions): Promise<T> {
  return lane.session(async (query) => {
    const began = performance.now()
    for (let tries = 1; ; tries++) {
      await query('begin', [])
      const guarded = guard(lane, query, Math.max(0, began + withinMs - performance.now()))
      try {
        const result = await work(runnerOver(guarded, onStatement))
        const failed = guarded.failed()
        if (failed !== null) throw failed.error
        await query('commit', [])
        return result
      } catch (error) {
        // A lane that has lost its connection has lost the transaction with it.
        if (lane.hasAnswered()) await query('rollback', []).catch(() => lane.close())
        if (!isGivenUp(guarded.failed()?.error) || !mayGoAgain(tries, began) || lane.connection() === null) throw error
        await pause()
      } finally {
        guarded.release()
      }
    }
  })
}

/** What went wrong first. */
type Failed = { readonly error: unknown } | null

interface Guarded extends Querying {
  readonly failed: () => Failed
  readonly release: () => void
}

/**
 * Queries of a transaction that ends as a whole: nothing goes on after a failure (PostgreSQL answers the commit of a failed transaction with a rollback and
 * no error, so nobody may be unaware of one), and nothing after its time is up.
 */
function guard(lane: Lane, query: Query, withinMs: number): Guarded {
  let failed: Failed = null
  const expire = (): void => {
    failed ??= { error: failure('statement_timeout', {}, 'the transaction took too long') }
    lane.cancel()
  }
  const timer = setTimeout(expire, withinMs)
  return {
    failed: () => failed,
    release: () => clearTimeout(timer),
    async query(text, parameters) {
      if (failed !== null) throw failed.error
      try {
        return await query(text, parameters)
      } catch (error) {
        failed ??= { error }
        throw failed.error
      }
    },
  }
}

/** What runs within the transaction that a connection has begun. */
function runnerOver(lane: Querying, onStatement: OnStatement): Runner {
  const runner: Runner = {
    async run(statement, values) {
      const outcome = await runSingle(lane, statement, values, onStatement)
      if (!outcome.ok) throw outcome.error
      return outcome.rows
    },
    runAll: (statement, batch) => runTogether(lane, statement, batch, onStatement),
    transaction: (work) => work(runner),
  }
  return runner
}
