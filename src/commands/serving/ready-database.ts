/** Makes the database ready for a process in production: waits until it can be reached, and migrates or checks it. */

import { setTimeout as wait } from 'node:timers/promises'
import { EnvironmentError } from '../../base/environment-error.ts'
import type { Model } from '../../model/model.ts'
import type { MigrationOutcome } from '../../postgres/migrate/migrate.ts'
import { explainError } from '../../postgres/sqlstate.ts'
import type { Log } from '../../server/http/observe.ts'
import { runMigration } from '../setup/migration.ts'
import type { Io, Outcome } from '../terminal/command.ts'
import { count } from '../terminal/layout.ts'

/** Migrates the database, or only looks whether it is up to date (`refuse`). */
export function prepareDatabase(
  model: Model,
  migrations: 'apply' | 'refuse',
  { url, io }: { readonly url: string; readonly io: Io },
): Promise<MigrationOutcome> {
  const run = migrations === 'apply' ? 'apply' : 'dry'
  return runMigration(model, { url, allow: new Set(), run }, io)
}

/** The outcome of a start on a database that is not up to date. */
export function outdated(planned: Extract<MigrationOutcome, { readonly kind: 'planned' }>): Outcome {
  const message = `the database is not up to date: ${count(planned.plan.statements.length, 'step')} to do`
  const hint = 'run plinth migrate, or start with plinth serve --migrate'
  return { exit: 1, reason: { message, hint }, data: planned, text: `${message}\n${hint}` }
}

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 32_000

/**
 * Retries with growing pauses while the database cannot be reached, because an orchestrator starts services in any order. During this time,
 * health checks report alive and not ready. Gives null when the process is asked to stop.
 *
 * @throws every error except an unreachable database.
 */
export async function whenReachable<T>(
  attempt: () => Promise<T>,
  { stop, log }: { readonly stop: AbortSignal; readonly log: Log },
): Promise<T | null> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    if (stop.aborted) return null
    try {
      return await attempt()
    } catch (error) {
      if (!isUnreachable(error)) throw error
      log.warn({ pauseMs }, error.message)
      // The pause is random, so that instances that lost the same database do not all reconnect at once.
      await wait(pauseMs * Math.random(), undefined, { signal: stop }).catch(() => {})
    }
  }
}

function isUnreachable(error: unknown): error is EnvironmentError {
  if (!(error instanceof EnvironmentError)) return false
  const { kind } = explainError(error.cause)
  return kind === 'cannot-connect' || kind === 'connection-lost' || kind === 'too-many-connections'
}
