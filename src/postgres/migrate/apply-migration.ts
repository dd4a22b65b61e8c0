/** Runs a migration plan: its transaction, then the other statements, with retries for locks. */

import { setTimeout as sleep } from 'node:timers/promises'
import { type Connection, withTransaction } from '../connect.ts'
import { explainError } from '../sqlstate.ts'
import type { MigrationEvent } from './migration-event.ts'
import type { MigrationPlan, MigrationStatement } from './migration-plan.ts'

/**
 * Attempts to get a lock that another session holds. Each waits briefly, because other sessions queue behind a waiting one; all attempts
 * together take a little over a minute.
 */
const MAX_ATTEMPTS = 16
const FIRST_PAUSE_MS = 400
const LONGEST_PAUSE_MS = 10_000

/**
 * A statement of a migration failed. Earlier statements of the same transaction were rolled back; others stay. Running the migration again
 * continues from there.
 */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
  readonly statement: MigrationStatement

  constructor(statement: MigrationStatement, cause: unknown) {
    super(`could not ${statement.description}: ${explainError(cause).message}`, { cause })
    this.statement = statement
  }
}

/** What to run. */
export interface MigrationTask {
  readonly plan: MigrationPlan
  /** Writes the record, at the end of the transaction and as part of it. */
  readonly record: () => Promise<void>
  readonly report: (event: MigrationEvent) => void
}

/**
 * Runs a plan: first its transactional statements together with `record`, from the beginning after each lock timeout, then the others one
 * by one. After a crash at any point, a new plan can be made and run.
 *
 * @throws MigrationError when a statement fails, or a lock is not free after all attempts.
 */
export async function applyMigration(client: Connection, { plan, record, report }: MigrationTask): Promise<void> {
  const run = runner(client, plan, report)
  const [first, rest] = [plan.statements.filter((s) => s.transactional), plan.statements.filter((s) => !s.transactional)]
  await withLockRetries(report, () =>
    withTransaction(client, async () => {
      for (const statement of first) await run(statement, 'local')
      await record()
    }),
  )
  for (const statement of rest) await withLockRetries(report, () => run(statement, 'session'))
}

type Runner = (statement: MigrationStatement, settings: 'local' | 'session') => Promise<void>

function runner(client: Connection, plan: MigrationPlan, report: MigrationTask['report']): Runner {
  return async (statement, settings) => {
    const place = { index: plan.statements.indexOf(statement), of: plan.statements.length, statement }
    report({ kind: 'statement-started', ...place })
    const began = performance.now()
    try {
      await client.query("select set_config('lock_timeout', $1, $3), set_config('statement_timeout', $2, $3)", [
        `${statement.lockTimeoutMs ?? 0}ms`,
        `${statement.timeoutMs}ms`,
        settings === 'local',
      ])
      await client.query(statement.sql)
    } catch (error) {
      throw new MigrationError(statement, error)
    }
    report({ kind: 'statement-finished', ...place, ms: performance.now() - began })
  }
}

async function withLockRetries(report: MigrationTask['report'], work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof MigrationError) || attempt >= MAX_ATTEMPTS || !isBusy(error)) throw error
      const pauseMs = pauseBefore(attempt)
      report({ kind: 'waiting-for-lock', statement: error.statement, attempt, pauseMs })
      await sleep(pauseMs)
    }
  }
}

/** Whether another session holds the lock, or PostgreSQL ended a deadlock with another session by cancelling this statement. */
function isBusy({ statement, cause }: MigrationError): boolean {
  const { kind } = explainError(cause)
  if (kind === 'lock-timeout' || kind === 'deadlock') return true
  // the statement that only takes locks has the lock timeout as its time limit
  return kind === 'statement-timeout' && statement.timeoutMs === statement.lockTimeoutMs
}

/** Milliseconds, doubling with each attempt; random, so that two instances do not collide again. */
function pauseBefore(attempt: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2)
}
