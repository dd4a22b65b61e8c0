/** `plinth plan`: reviews a design before anything is done. */

import { EnvironmentError } from '../base/environment-error.ts'
import type { Model } from '../model/model.ts'
import type { WrittenDesign } from '../verify/expected/written-design.ts'
import { NOT_ASKED, type ProofOutcome, proveOn } from './planning/index-proof.ts'
import { type PlannedMigration, planReport } from './planning/plan-report.ts'
import { planText } from './planning/plan-text.ts'
import { type DatabaseInUse, databaseOf, hasEmbeddedData, withDatabase } from './setup/database.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { type LoadedDesign, loadDesign } from './setup/load-design.ts'
import { planFromEmpty, runMigration } from './setup/migration.ts'
import { readDatabaseUrl } from './setup/settings.ts'
import type { Io, Outcome } from './terminal/command.ts'

/** The arguments and options of the command. */
export interface PlanInput {
  readonly design: string | undefined
  /** Whether the text shows the SQL of each step. */
  readonly statements: 'print' | 'count'
  /** `ask`: use a database for the index proof and as the start of the migration; an embedded PostgreSQL is started if necessary. */
  readonly database: 'ask' | 'none'
}

/**
 * Reviews a design. The migration starts from the database of DATABASE_URL, or from the project's embedded one, or from an empty one; the
 * database is only read. Without a database, the migration starts from an empty one and there is no index proof. Exit code 1 when the
 * design has errors.
 *
 * @throws UsageError without a design; EnvironmentError for a database that cannot be read.
 */
export async function plan(input: PlanInput, io: Io): Promise<Outcome> {
  const url = input.database === 'none' ? null : readDatabaseUrl({ ...io.env, NODE_ENV: undefined })
  const design = await loadDesign(input.design, io.cwd)
  const { model } = design
  if (model === null) return unusableDesign(design, io.style)
  const { migration, indexes } =
    input.database === 'none'
      ? { migration: fromEmpty(model), indexes: NOT_ASKED }
      : await withDatabases({ design, model, url }, io).catch(orWithout)
  const report = planReport(model, {
    design: design.file,
    written: design.written as WrittenDesign,
    findings: design.diagnostics,
    migration,
    indexes,
  })
  return { exit: 0, data: report, text: planText(report, { style: io.style, statements: input.statements }) }
}

interface DesignWithUrl {
  readonly design: LoadedDesign
  readonly model: Model
  readonly url: string | null
}

/**
 * Does the parts that need a database. Both use the project's embedded database. The proof uses the database of DATABASE_URL only if no
 * other is available.
 */
async function withDatabases(
  { design, model, url }: DesignWithUrl,
  io: Io,
): Promise<{ migration: PlannedMigration; indexes: ProofOutcome }> {
  if (url === null && !hasEmbeddedData(design.path)) return { migration: fromEmpty(model), indexes: await proveOn(model, null) }
  return withDatabase(databaseOf(design, url, io), async (database) => {
    const migration = await planMigration(model, database, io)
    const indexes = await proveOn(model, database.kind === 'embedded' ? database.url : null)
    return { migration, indexes: indexes.kind === 'skipped' && url !== null ? await proveOn(model, url) : indexes }
  })
}

/** Adds the hint that a plan needs no database. */
function orWithout(error: unknown): never {
  if (!(error instanceof EnvironmentError)) throw error
  throw new EnvironmentError(error.message, `${error.hint}; or plan without a database: plinth plan --quick`, { cause: error })
}

function fromEmpty(model: Model): PlannedMigration {
  return { from: 'empty', ...planFromEmpty(model) }
}

async function planMigration(model: Model, database: DatabaseInUse, io: Io): Promise<PlannedMigration> {
  const outcome = await runMigration(model, { url: database.url, allow: new Set(), run: 'dry' }, io)
  if (outcome.kind === 'current') return { from: database.kind, statements: [], kept: outcome.kept, blocked: [] }
  return { from: database.kind, ...outcome.plan }
}
