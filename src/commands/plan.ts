/** `plinth plan`: what a design amounts to, before anything is done. */

import type { Model } from '../model/model.ts'
import type { Io, Outcome } from './command.ts'
import { databaseOf, hasEmbeddedData, withDatabase } from './database.ts'
import { unusableDesign } from './describe-design.ts'
import { type LoadedDesign, loadDesign } from './load-design.ts'
import { planFromEmpty, runMigration } from './migration.ts'
import { type PlannedMigration, planReport } from './plan-report.ts'
import { planText } from './plan-text.ts'
import { readDatabaseUrl } from './settings.ts'

export interface PlanInput {
  readonly design: string | undefined
  /** Whether the text shows the SQL of each step. */
  readonly statements: 'print' | 'count'
}

/**
 * Reviews a design. The migration starts from the database of DATABASE_URL, or from the project's embedded one if it has one, or else from nothing; the
 * database is read and not changed. Exit code 1 when the design has errors.
 *
 * @throws UsageError without a design; EnvironmentError for a database that cannot be read.
 */
export async function plan(input: PlanInput, io: Io): Promise<Outcome> {
  const url = readDatabaseUrl({ ...io.env, NODE_ENV: undefined })
  const design = await loadDesign(input.design, io.cwd)
  const { model } = design
  if (model === null) return unusableDesign(design, io.style)
  const migration = await planMigration(design, model, url, io)
  const report = planReport(model, { design: design.file, findings: design.diagnostics, migration })
  return { exit: 0, data: report, text: planText(report, { style: io.style, statements: input.statements }) }
}

async function planMigration(design: LoadedDesign, model: Model, url: string | null, io: Io): Promise<PlannedMigration> {
  if (url === null && !hasEmbeddedData(design.path)) return { from: 'empty', ...planFromEmpty(model) }
  return withDatabase(databaseOf(design, url, io), async (database) => {
    const outcome = await runMigration(model, { url: database.url, allow: new Set(), run: 'dry' }, io)
    if (outcome.kind === 'current') return { from: database.kind, statements: [], kept: outcome.kept, blocked: [] }
    return { from: database.kind, ...outcome.plan }
  })
}
