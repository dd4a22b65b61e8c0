/** The connections of a running backend. */

import { LIMITS } from '../base/limits.ts'
import { hasReactions } from '../model/reaction.ts'
import { type Executor, openExecutor, type PooledRunner } from '../postgres/executor/execute.ts'
import { type OnRun, watchSlowStatements } from '../postgres/slow-statements.ts'
import { openFieldCipher } from '../services/encryption/sealed-fields.ts'
import { sealingExecutor } from '../services/encryption/sealing-executor.ts'
import type { BackendOptions } from './backend-options.ts'
import { timedExecutor } from './http/response/server-timing.ts'
import { wakingExecutor } from './reactions/waking.ts'
import { isDatabaseError, statementFailure } from './run/database-failure.ts'
import { tellSchemaChanges } from './run/schema-changed.ts'
import type { OwnExecutor, Waking } from './start-work.ts'

/**
 * Opens the connections of a backend, or some of its own with `own`. Each commit that may have logged an event wakes the reactions. Errors
 * are those of PostgreSQL: see `explainedExecutor`.
 */
export function openBackendExecutor(options: BackendOptions & Partial<OwnExecutor>, waking: Waking): Executor {
  const opened = openExecutor({
    url: options.databaseUrl,
    connections: options.connections ?? 10,
    statementTimeoutMs: options.statementTimeoutMs ?? LIMITS.statementMs,
    transactionTimeoutMs: LIMITS.requestMs,
    merge: options.merge ?? true,
    patience: options.patience ?? 1,
    ...(options.settings === undefined ? {} : { settings: options.settings }),
    ...(options.onStatement === undefined ? {} : { onStatement: options.onStatement }),
    ...(options.slowStatementMs == null ? {} : { onRun: slowStatements(options, options.slowStatementMs) }),
  })
  const woken = hasReactions(options.model) ? wakingExecutor(opened, () => waking.reactions()) : opened
  const cipher = openFieldCipher(options.model, options.encryption ?? null)
  const sealing = cipher === null ? woken : sealingExecutor(woken, cipher)
  const executor = options.mode === 'development' ? timedExecutor(sealing) : sealing
  return options.schemaHash === undefined ? executor : tellSchemaChanges(executor, options.schemaHash)
}

/** Observes slow statements. */
function slowStatements({ databaseUrl: url, observe }: BackendOptions, slowMs: number): OnRun {
  return watchSlowStatements({ url, slowMs, report: (of) => observe({ kind: 'slow-statement', of }) })
}

/** The same executor, but errors of transactions become a `Failure`. */
export function explainedExecutor(executor: Executor): Executor {
  return { ...executor, ...explainedRunner(executor), forClient: (client) => explainedRunner(executor.forClient(client)) }
}

/**
 * The same runner, but an error of the transaction itself becomes a `Failure`. Errors of statements become failures where the plan is
 * known.
 */
function explainedRunner({ run, runAll, runInOrder, transaction }: PooledRunner): PooledRunner {
  return { run, runAll, runInOrder, transaction: (work, options) => transaction(work, options).catch(refuseTransaction) }
}

/** An error of the database at the beginning or end of a transaction becomes a `Failure`. Any other error is passed on. */
function refuseTransaction(error: unknown): never {
  throw isDatabaseError(error) ? statementFailure('transaction', error) : error
}
