/** Migrates the database of a design, for all commands that need it up to date. */

import { databasesOf } from '../../embed/databases.ts'
import { ownPackage } from '../../embed/own-package.ts'
import type { Model } from '../../model/model.ts'
import { createPlan, type MigrationOutcome, migrate } from '../../postgres/migrate/migrate.ts'
import type { Hazard, MigrationPlan } from '../../postgres/migrate/migration-plan.ts'
import type { Io, Outcome, Reason } from '../terminal/command.ts'
import { count } from '../terminal/layout.ts'
import type { Style } from '../terminal/style.ts'

/** Makes the plan for an empty database, without a connection. */
export function planFromEmpty(model: Model): MigrationPlan {
  return createPlan(databasesOf(model))
}

/** What to migrate, and how. */
export interface MigrationRun {
  readonly url: string
  readonly allow: ReadonlySet<Hazard>
  readonly run: 'apply' | 'dry'
}

/**
 * Migrates, or only plans. Reports progress to `io`.
 *
 * @throws EnvironmentError when the database cannot be used; MigrationError when a step fails.
 */
export function runMigration(model: Model, { url, allow, run }: MigrationRun, io: Io): Promise<MigrationOutcome> {
  const onProgress = (event: Parameters<NonNullable<Parameters<typeof migrate>[0]['onProgress']>>[0]): void =>
    io.observe({ kind: 'migration', event })
  return migrate({ url, databases: databasesOf(model), version: ownPackage().version, allow, run, onProgress })
}

/** A migration that changed nothing. */
export type Refused = Extract<MigrationOutcome, { readonly kind: 'refused' | 'planned' }>

/** Returns all reasons why a migration was refused, one per line, each with a hint. */
export function reasons({ plan, problems }: Pick<Refused, 'plan' | 'problems'>, style: Style): readonly string[] {
  return [
    ...plan.blocked.map(({ description, hazard, hint }) => `${style.red('refused')}: ${description} (${hazard}); to allow it: ${hint}`),
    ...problems.map(({ description, complaint, remedy }) => `${style.red('would fail')}: ${description}: ${complaint}; ${remedy}`),
  ]
}

/** Returns the first reason why a migration was refused, with a hint. */
export function reasonAgainst({ plan, problems }: Refused): Reason {
  const [first] = [
    ...plan.blocked.map(({ description, hazard, hint }) => ({ message: `${description} (${hazard})`, hint })),
    ...problems.map(({ description, complaint, remedy }) => ({ message: `${description}: ${complaint}`, hint: remedy })),
  ]
  return first ?? { message: 'the database was not changed', hint: 'show the steps: plinth migrate --dry-run' }
}

/** Makes the outcome of a command whose migration was refused: exit code 1. */
export function refusal(refused: Refused, style: Style): Extract<Outcome, { readonly exit: 1 }> {
  const { plan } = refused
  return {
    exit: 1,
    reason: reasonAgainst(refused),
    data: refused,
    text: [...reasons(refused, style), `the database was not changed (${count(plan.statements.length, 'step')} to do)`].join('\n'),
  }
}
