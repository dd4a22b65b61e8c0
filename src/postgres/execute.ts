/** The one way to PostgreSQL for requests: statements over a fixed number of connections, some of them kept for what must always answer. */

import type { Row, Run, Statement, Values } from '../base/statement.ts'
import { type OnStatement, runMerged, runSingle } from './batch.ts'
import { type Lane, openLane } from './lane.ts'
import { openPool } from './pool.ts'

export interface Executor {
  /** Runs one call of a statement. */
  run(statement: Statement, values: Values): Promise<readonly Row[]>
  /** Runs many calls as one statement, all or nothing; only for statements that merge by `calls`. Rows come with their `ord`, in no order. */
  runAll(statement: Statement, batch: readonly Values[]): Promise<readonly Row[]>
  /**
   * Runs several statements in one transaction (Read Committed), over a connection lent for as long as `work` takes. Whatever `work` rejects with rolls it
   * back and is passed on.
   */
  transaction<T>(work: (run: Run) => Promise<T>): Promise<T>
  /** Like `run`, over a connection kept for what must answer under load: health and login. */
  runReserved(statement: Statement, values: Values): Promise<readonly Row[]>
  close(): Promise<void>
}

export interface ExecutorOptions {
  readonly url: string
  readonly lanes: number
  readonly statementTimeoutMs: number
  /** Whether calls may share a statement; false is for tests and measurements. */
  readonly merge?: boolean
  readonly onStatement?: OnStatement
}

const CONNECT_TIMEOUT_MS = 3000

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
  return {
    run: ordinary.run,
    runReserved: reserved.run,
    runAll(statement, batch) {
      if (statement.merge !== 'calls') throw new Error(`${statement.name} does not take many calls`)
      return ordinary.withLane((l) => runMerged(l, statement, batch, onStatement))
    },
    transaction: (work) => ordinary.withLane((l) => inTransaction(l, work, onStatement)),
    async close() {
      await Promise.all([ordinary.close(), reserved.close()])
    },
  }
}

async function inTransaction<T>(lane: Lane, work: (run: Run) => Promise<T>, onStatement: OnStatement): Promise<T> {
  await lane.query('begin', [])
  try {
    const result = await work(async (statement, values) => {
      const outcome = await runSingle(lane, statement, values, onStatement)
      if (!outcome.ok) throw outcome.error
      return outcome.rows
    })
    await lane.query('commit', [])
    return result
  } catch (error) {
    // A lane that has lost its connection has lost the transaction with it.
    if (lane.isAlive()) await lane.query('rollback', []).catch(() => lane.close())
    throw error
  }
}
