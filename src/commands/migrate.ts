/** `plinth migrate`: migrates the database to the design, or shows the steps. */

import { unreachable } from '../base/unreachable.ts'
import type { MigrationOutcome } from '../postgres/migrate/migrate.ts'
import { HAZARDS, type Hazard, type Kept } from '../postgres/migrate/migration-plan.ts'
import { stepLines } from './planning/plan-text.ts'
import { databaseOf, withDatabase } from './setup/database.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { loadDesign } from './setup/load-design.ts'
import { reasonAgainst, reasons, refusal, runMigration } from './setup/migration.ts'
import { readDatabaseUrl } from './setup/settings/settings.ts'
import type { Io, Outcome } from './terminal/command.ts'
import { count, seconds } from './terminal/layout.ts'
import type { Style } from './terminal/style.ts'

/** The arguments and options of the command. */
export interface MigrateInput {
  readonly design: string | undefined
  readonly run: 'apply' | 'dry'
  /** Allowed hazards. */
  readonly allow: readonly string[]
}

/**
 * Migrates the database of DATABASE_URL, or the project's embedded one. Refused steps are findings: exit code 1, and nothing is changed.
 *
 * @throws UsageError without a design; EnvironmentError for a database that cannot be used.
 */
export async function migrateDesign(input: MigrateInput, io: Io): Promise<Outcome> {
  const url = readDatabaseUrl(io.env)
  const design = await loadDesign(input.design, io.cwd)
  const { model } = design
  if (model === null) return unusableDesign(design, io.style)
  const allow = new Set(input.allow.filter((name): name is Hazard => HAZARDS.some((hazard) => hazard === name)))
  const outcome = await withDatabase(databaseOf(design, url, io), (database) =>
    runMigration(model, { url: database.url, allow, run: input.run }, io),
  )
  return describe(outcome, io.style)
}

function describe(outcome: MigrationOutcome, style: Style): Outcome {
  switch (outcome.kind) {
    case 'current':
      return { exit: 0, data: outcome, text: `the database is up to date${keptText(outcome.kept, style)}` }
    case 'applied':
      return {
        exit: 0,
        data: outcome,
        text: `${count(outcome.plan.statements.length, 'step')} applied in ${seconds(outcome.ms)}${keptText(outcome.plan.kept, style)}`,
      }
    case 'refused':
      return refusal(outcome, style)
    case 'planned': {
      const against = reasons(outcome, style)
      const text = [
        ...stepLines(outcome.plan, { style, statements: 'print' }),
        ...against,
        `${count(outcome.plan.statements.length, 'step')} to do; nothing was changed`,
      ]
      const said = { data: outcome, text: `${text.join('\n')}${keptText(outcome.plan.kept, style)}` }
      return against.length === 0 ? { ...said, exit: 0 } : { ...said, exit: 1, reason: reasonAgainst(outcome) }
    }
    default:
      return unreachable(outcome)
  }
}

function keptText(kept: readonly Kept[], style: Style): string {
  return kept
    .map(({ description }) => `\n${style.yellow('stays')}: ${description}; to drop it: plinth migrate --allow deletes-data`)
    .join('')
}
