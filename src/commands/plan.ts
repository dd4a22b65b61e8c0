/** `plinth plan`: what a design amounts to, before anything is done. */

import type { Model } from '../model/model.ts'
import type { Io, Outcome } from './command.ts'
import { type DatabaseInUse, databaseOf, hasEmbeddedData, withDatabase } from './database.ts'
import { unusableDesign } from './describe-design.ts'
import { NOT_ASKED, type ProofOutcome, proveOn } from './index-proof.ts'
import { type LoadedDesign, loadDesign } from './load-design.ts'
import { planFromEmpty, runMigration } from './migration.ts'
import { type PlannedMigration, planReport } from './plan-report.ts'
import { planText } from './plan-text.ts'
import { readDatabaseUrl } from './settings.ts'

export interface PlanInput {
  readonly design: string | undefined
  /** Whether the text shows the SQL of each step. */
  readonly statements: 'print' | 'count'
  /** Whether indexes are proved, for which a PostgreSQL is started if need be. */
  readonly indexes: 'prove' | 'skip'
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
  const { migration, indexes } = await look({ design, model, url, proof: input.indexes }, io)
  const report = planReport(model, { design: design.file, findings: design.diagnostics, migration, indexes })
  return { exit: 0, data: report, text: planText(report, { style: io.style, statements: input.statements }) }
}

interface Looking {
  readonly design: LoadedDesign
  readonly model: Model
  readonly url: string | null
  readonly proof: PlanInput['indexes']
}

/** What needs a database. The embedded one that a project has serves for both; that of DATABASE_URL is asked for the migration alone if there is another. */
async function look({ design, model, url, proof }: Looking, io: Io): Promise<{ migration: PlannedMigration; indexes: ProofOutcome }> {
  const prove = async (own: string | null): Promise<ProofOutcome> => (proof === 'skip' ? NOT_ASKED : proveOn(model, own))
  if (url === null && !hasEmbeddedData(design.path)) {
    return { migration: { from: 'empty', ...planFromEmpty(model) }, indexes: await prove(null) }
  }
  return withDatabase(databaseOf(design, url, io), async (database) => {
    const migration = await planMigration(model, database, io)
    const indexes = await prove(database.kind === 'embedded' ? database.url : null)
    return { migration, indexes: indexes.kind === 'skipped' && proof === 'prove' && url !== null ? await prove(url) : indexes }
  })
}

async function planMigration(model: Model, database: DatabaseInUse, io: Io): Promise<PlannedMigration> {
  const outcome = await runMigration(model, { url: database.url, allow: new Set(), run: 'dry' }, io)
  if (outcome.kind === 'current') return { from: database.kind, statements: [], kept: outcome.kept, blocked: [] }
  return { from: database.kind, ...outcome.plan }
}
