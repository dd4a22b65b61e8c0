/** The database of a design brought up to date, for every command that needs it so. */

import { databasesOf } from '../../embed/databases.ts'
import { ownPackage } from '../../embed/own-package.ts'
import type { Model } from '../../model/model.ts'
import { createPlan, type MigrationOutcome, migrate } from '../../postgres/migrate/migrate.ts'
import type { Hazard, MigrationPlan } from '../../postgres/migrate/migration-plan.ts'
import type { Io, Outcome, Reason } from '../terminal/command.ts'
import { count } from '../terminal/layout.ts'
import type { Style } from '../terminal/style.ts'

/** The plan for a database in which nothing is yet. Needs none. */
export function planFromEmpty(model: Model): MigrationPlan {
  return createPlan(databasesOf(model))
}

export interface MigrationRun {
  readonly url: string
  readonly allow: ReadonlySet<Hazard>
  readonly run: 'apply' | 'dry'
}

/** Migrates, or plans to. Reports what takes time. @throws EnvironmentError when the database cannot be used; MigrationError when a step fails. */
export function runMigration(model: Model, { url, allow, run }: MigrationRun, io: Io): Promise<MigrationOutcome> {
  const onProgress = (event: Parameters<NonNullable<Parameters<typeof migrate>[0]['onProgress']>>[0]): void =>
    io.observe({ kind: 'migration', event })
  return migrate({ url, databases: databasesOf(model), version: ownPackage().version, allow, run, onProgress })
}

/** Why nothing was done, and the command that does it. */
export type Refused = Extract<MigrationOutcome, { readonly kind: 'refused' | 'planned' }>

/** Every reason against a migration, one a line, with its way out. */
export function reasons({ plan, problems }: Pick<Refused, 'plan' | 'problems'>, style: Style): readonly string[] {
  return [
    ...plan.blocked.map(({ description, hazard, hint }) => `${style.red('refused')}: ${description} (${hazard}); to allow it: ${hint}`),
    ...problems.map(({ description, complaint, remedy }) => `${style.red('in the way')}: ${description}: ${complaint}; ${remedy}`),
  ]
}

/** Why a migration does not run, and the way out of the first reason. */
export function reasonAgainst({ plan, problems }: Refused): Reason {
  const [first] = [
    ...plan.blocked.map(({ description, hazard, hint }) => ({ message: `${description} (${hazard})`, hint })),
    ...problems.map(({ description, complaint, remedy }) => ({ message: `${description}: ${complaint}`, hint: remedy })),
  ]
  return first ?? { message: 'the database was not changed', hint: 'look at the steps: plinth migrate --dry-run' }
}

/** What a command that needs the database up to date says when that needs leave: exit code 1. */
export function refusal(refused: Refused, style: Style): Outcome {
  const { plan } = refused
  return {
    exit: 1,
    reason: reasonAgainst(refused),
    data: refused,
    text: [...reasons(refused, style), `the database was not changed (${count(plan.statements.length, 'step')} to do)`].join('\n'),
  }
}
