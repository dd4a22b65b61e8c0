/** Makes the plan of a design as data: `plinth plan` prints it. */

import { EnvironmentError } from '../../base/environment-error.ts'
import type { Model } from '../../model/model.ts'
import { type DatabaseInUse, databaseOf, hasEmbeddedData, withDatabase } from '../setup/database.ts'
import type { LoadedDesign } from '../setup/load-design.ts'
import { planFromEmpty, runMigration } from '../setup/migration.ts'
import type { Io } from '../terminal/command.ts'
import { type DesignReport, designReport, type PlannedMigration } from './plan-report.ts'
import { NOT_ASKED, type ProofOutcome, proveOn } from './proof/index-proof.ts'

/** What a plan is made with. */
export interface PlanWish {
  /**
   * `ask`: the migration starts from the project's database, and the indexes are proved on a PostgreSQL that is started if necessary;
   * `present`: only the first; `none`: the migration starts from an empty database.
   */
  readonly database: 'ask' | 'present' | 'none'
  /** DATABASE_URL; null for the project's embedded database, if it has one. */
  readonly url: string | null
}

/** Makes the report of a design without errors. A database is only read. @throws EnvironmentError for one that cannot be read. */
export async function makePlan(design: LoadedDesign, model: Model, wish: PlanWish & { readonly io: Io }): Promise<DesignReport> {
  const { migration, indexes } = await parts({ design, model }, wish)
  return designReport(model, { design: design.file, findings: design.diagnostics, migration, indexes })
}

interface Parts {
  readonly migration: PlannedMigration
  readonly indexes: ProofOutcome
}

interface Planned {
  readonly design: LoadedDesign
  readonly model: Model
}

/**
 * Does the parts that may need a database. Both use the project's embedded database. The proof uses the database of DATABASE_URL only if no
 * other is available.
 */
async function parts({ design, model }: Planned, { database: wished, url, io }: PlanWish & { readonly io: Io }): Promise<Parts> {
  const prove = (address: string | null) => (wished === 'ask' ? proveOn(model, address) : Promise.resolve(NOT_ASKED))
  if (wished === 'none' || (url === null && !hasEmbeddedData(design.path)))
    return { migration: { from: 'empty', ...planFromEmpty(model) }, indexes: await prove(null) }
  return withDatabase(databaseOf(design, url, io), async (database) => {
    const migration = await planMigration(model, database, io)
    const indexes = await prove(database.kind === 'embedded' ? database.url : null)
    return { migration, indexes: wished === 'ask' && indexes.kind === 'skipped' && url !== null ? await prove(url) : indexes }
  }).catch(orWithout)
}

/** Adds the hint that a plan needs no database. */
function orWithout(error: unknown): never {
  if (!(error instanceof EnvironmentError)) throw error
  throw new EnvironmentError(error.message, `${error.hint}; or plan without a database: plinth plan --quick`, { cause: error })
}

async function planMigration(model: Model, database: DatabaseInUse, io: Io): Promise<PlannedMigration> {
  const outcome = await runMigration(model, { url: database.url, allow: new Set(), run: 'dry' }, io)
  if (outcome.kind === 'current') return { from: database.kind, statements: [], kept: outcome.kept, blocked: [] }
  return { from: database.kind, ...outcome.plan }
}
