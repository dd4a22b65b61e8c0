/** Transactions over one connection. */

import type { Isolation, Row, Runner, Statement, TransactionOptions, Values } from '../../base/sql/statement.ts'
import { type OnStatement, parametersOf, type Queryable, runMerged, runSingle } from './batch.ts'
import { type PooledConnection, type Query, queryWith } from './connection.ts'
import { type Deadline, type IsBlocked, openDeadline } from './deadline.ts'
import { isRetryable, mayRetry, pauseBeforeRetry } from './retry.ts'
import { singleText } from './statement-text.ts'

/** Runs statements over a connection without waiting between them. Returns the rows of each. */
export function runInOrder(
  on: Queryable,
  statements: readonly Statement[],
  values: Values,
  onStatement: OnStatement,
): Promise<readonly (readonly Row[])[]> {
  return on.query.inOrder(
    statements.map((statement) => {
      const rendered = singleText(statement)
      onStatement(statement.name, rendered.text, 1)
      return { text: rendered.text, parameters: parametersOf(rendered, values) }
    }),
  )
}

/** Runs many calls of a statement as one. Returns the rows of all calls. @throws Error for a statement that takes only one call. */
export async function runTogether(
  on: Queryable,
  statement: Statement,
  batch: readonly Values[],
  onStatement: OnStatement,
): Promise<readonly Row[]> {
  if (statement.merge === undefined) throw new Error(`${statement.name} does not take many calls`)
  return runMerged(on, statement, batch, onStatement)
}

/** How a transaction runs. */
export interface RunningTransaction extends Pick<TransactionOptions, 'isolation' | 'access' | 'setting'> {
  readonly onStatement: OnStatement
  /** Milliseconds until the transaction is ended, from its beginning. */
  readonly withinMs: number
  /** After this many milliseconds, the work does not run again. */
  readonly retryMs: number
  readonly isBlocked: IsBlocked
}

/**
 * Runs the work in a transaction. After a deadlock or a serialization failure, it runs the whole work again.
 *
 * @throws What the work throws.
 */
export function inTransaction<T>(
  connection: PooledConnection,
  work: (runner: Runner) => Promise<T>,
  { onStatement, withinMs, retryMs, isBlocked, isolation = 'read committed', access, setting }: RunningTransaction,
): Promise<T> {
  return connection.session(async (query) => {
    const since = performance.now()
    for (let count = 1; ; count++) {
      await begin(connection, query, { isolation, access, setting })
      const guarded = guard(connection, query, { withinMs: since + withinMs - performance.now(), isRetry: count > 1, isBlocked })
      try {
        const result = await work(runnerOver(guarded, { onStatement, isolation }))
        const failed = guarded.failed()
        if (failed !== null) throw failed.error
        await guarded.commit()
        return result
      } catch (error) {
        // Without an answer the connection is lost, which ends the transaction.
        if (connection.hasAnswered()) await query('rollback', []).catch(() => connection.close())
        if (!isRetryable(guarded.failed()?.error) || !mayRetry({ count, since }, retryMs) || connection.physical() === null) throw error
        await pauseBeforeRetry(count)
      } finally {
        guarded.release()
      }
    }
  })
}

const SET_LOCAL = 'select set_config($1, $2, true)'

/** Begins a transaction, with its setting. The two are sent without a wait between them. */
async function begin(
  connection: PooledConnection,
  query: Query,
  { isolation = 'read committed', access, setting }: Pick<RunningTransaction, 'isolation' | 'access' | 'setting'>,
): Promise<void> {
  const text = beginning(isolation, access)
  if (setting === undefined) return void (await query(text, []))
  try {
    await query.inOrder([
      { text, parameters: [] },
      { text: SET_LOCAL, parameters: [setting.name, setting.value] },
    ])
  } catch (error) {
    // It may have begun.
    if (connection.hasAnswered()) await query('rollback', []).catch(() => connection.close())
    throw error
  }
}

/** The statement that begins a transaction. */
function beginning(isolation: Isolation, access: RunningTransaction['access']): string {
  return `begin${isolation === 'serializable' ? ' isolation level serializable' : ''}${access === undefined ? '' : ` ${access}`}`
}

/** The first error of the transaction. */
type Failed = { readonly error: unknown } | null

interface Guarded extends Queryable {
  /** Ends the transaction with its writes. PostgreSQL may find only now that it cannot be serialized. */
  readonly commit: () => Promise<unknown>
  readonly failed: () => Failed
  readonly release: () => void
}

/**
 * Guards the queries of one transaction: after the first failure, or after the timeout, it refuses every further query. (PostgreSQL answers
 * the commit of a failed transaction with a rollback and no error, so a failure must not be ignored.)
 */
function guard(connection: PooledConnection, query: Query, deadline: Deadline): Guarded {
  let failed: Failed = null
  const clear = openDeadline(connection, deadline, (error) => {
    failed ??= { error }
  })
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
    release: clear,
    commit: () => attempt(() => query('commit', [])),
    query: queryWith(
      (sending) => attempt(() => query(sending.text, sending.parameters, sending.open)),
      (sendings) => attempt(() => query.inOrder(sendings)),
    ),
  }
}

/** A runner whose statements all run in the given transaction. */
function runnerOver(
  on: Queryable,
  { onStatement, isolation }: { readonly onStatement: OnStatement; readonly isolation: Isolation },
): Runner {
  const runner: Runner = {
    async run(statement, values) {
      const outcome = await runSingle(on, statement, values, onStatement)
      if (!outcome.ok) throw outcome.error
      return outcome.result
    },
    runAll: (statement, batch) => runTogether(on, statement, batch, onStatement),
    runInOrder: (statements, values) => runInOrder(on, statements, values, onStatement),
    async transaction(work, options) {
      if (options?.isolation === 'serializable' && isolation !== 'serializable')
        throw new Error('serializable work needs a serializable transaction around it')
      return work(runner)
    },
  }
  return runner
}
