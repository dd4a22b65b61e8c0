/**
 * Recognises errors of statements that were made for another version of the design. During a deployment, the new version renames or drops
 * what statements of the old version name, and the old version keeps running until it is restarted.
 */

import type { Runner } from '../../base/sql/statement.ts'
import { STOP_SETTING } from '../../base/sql/statement.ts'
import type { Executor, PooledRunner } from '../../postgres/executor/execute.ts'
import { RECORDED_HASH } from '../../postgres/migrate/recorded-hash.ts'
import { explainError, SchemaChangedError } from '../../postgres/sqlstate.ts'

/**
 * The same executor. After an error that another schema explains, it reads the hash of the last migration; if this is not `schemaHash`, the
 * error becomes a `SchemaChangedError`. Nothing else is read, and calls without an error do not read it.
 *
 * @param schemaHash the hash that the migration to this design records.
 */
export function tellSchemaChanges(executor: Executor, schemaHash: () => string): Executor {
  let reading: Promise<boolean> | null = null
  const isOther = (): Promise<boolean> => {
    reading ??= executor
      .runReserved(RECORDED_HASH, {})
      .then(([row]) => row !== undefined && row[0] !== schemaHash())
      // The database has no record or does not answer, so the first error is passed on.
      .catch(() => false)
      .finally(() => {
        reading = null
      })
    return reading
  }
  const tell = async (error: unknown): Promise<never> => {
    throw mayComeFromSchema(error) && (await isOther()) ? new SchemaChangedError(error) : error
  }
  return {
    ...telling(executor, tell),
    forClient: (client) => telling(executor.forClient(client), tell),
    runReserved: (statement, values) => executor.runReserved(statement, values).catch(tell),
    quietMs: executor.quietMs,
    load: executor.load,
    close: executor.close,
  }
}

type Tell = (error: unknown) => Promise<never>

function telling(runner: PooledRunner, tell: Tell): PooledRunner {
  return {
    ...tellingStatements(runner, tell),
    transaction: (work, options) => runner.transaction((within) => work(tellingWithin(within, tell)), options).catch(tell),
  }
}

function tellingWithin(runner: Runner, tell: Tell): Runner {
  const told: Runner = { ...tellingStatements(runner, tell), transaction: (work, options) => runner.transaction(() => work(told), options) }
  return told
}

function tellingStatements(runner: Runner, tell: Tell): Pick<Runner, 'run' | 'runAll' | 'runInOrder'> {
  return {
    run: (statement, values) => runner.run(statement, values).catch(tell),
    runAll: (statement, batch) => runner.runAll(statement, batch).catch(tell),
    runInOrder: (statements, values) => runner.runInOrder(statements, values).catch(tell),
  }
}

/** Whether PostgreSQL refused the statement or a value, and not a constraint, a limit or a stop of an action. */
function mayComeFromSchema(error: unknown): boolean {
  const { kind, sqlState, message } = explainError(error)
  return (kind === 'other' || kind === 'invalid-value') && sqlState !== null && !message.includes(STOP_SETTING)
}
