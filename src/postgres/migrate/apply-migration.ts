/** A plan run: its transaction, then the rest, with patience for locks. */

import { setTimeout as sleep } from 'node:timers/promises'
import { type Connection, withTransaction } from '../connect.ts'
import { explainError } from '../sqlstate.ts'
import type { MigrationEvent } from './migration-event.ts'
import type { MigrationPlan, MigrationStatement } from './migration-plan.ts'

/** A lock that others hold is waited for briefly and often, so that nobody queues behind the wait for long; in all a little over a minute. */
const MAX_ATTEMPTS = 16
const FIRST_PAUSE_MS = 400
const LONGEST_PAUSE_MS = 10_000

/** A statement of a migration failed. What was done before it stays, or was rolled back with it; running the migration again goes on from there. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
  readonly statement: MigrationStatement

  constructor(statement: MigrationStatement, cause: unknown) {
    super(`could not ${statement.description}: ${explainError(cause).message}`, { cause })
    this.statement = statement
  }
}

export interface Run {
  readonly plan: MigrationPlan
  /** Runs at the end of the transaction, and is undone with it. */
  readonly record: () => Promise<void>
  readonly report: (event: MigrationEvent) => void
}

/**
 * Runs a plan: first its transactional statements together with `record`, again from the beginning whenever a lock cannot be had, then the others one by one.
 * Safe to run again after a crash at any point, with the plan made anew.
 *
 * @throws MigrationError
 */
export async function applyMigration(client: Connection, { plan, record, report }: Run): Promise<void> {
  const run = runner(client, plan, report)
  const [first, rest] = [plan.statements.filter((s) => s.transactional), plan.statements.filter((s) => !s.transactional)]
  await patiently(report, () =>
    withTransaction(client, async () => {
      for (const statement of first) await run(statement, 'local')
      await record()
    }),
  )
  for (const statement of rest) await patiently(report, () => run(statement, 'session'))
}

type Runner = (statement: MigrationStatement, settings: 'local' | 'session') => Promise<void>

function runner(client: Connection, plan: MigrationPlan, report: Run['report']): Runner {
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

async function patiently(report: Run['report'], work: () => Promise<void>): Promise<void> {
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

/** Another session holds the lock; or waited for a lock of ours, and PostgreSQL chose us to give way. */
function isBusy({ statement, cause }: MigrationError): boolean {
  const { kind } = explainError(cause)
  if (kind === 'lock-timeout' || kind === 'deadlock') return true
  // the time limit of the statement that only takes locks is one for locks
  return kind === 'statement-timeout' && statement.timeoutMs === statement.lockTimeoutMs
}

/** Doubling, with jitter, so that instances that meet do not meet again. */
function pauseBefore(attempt: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2)
}
