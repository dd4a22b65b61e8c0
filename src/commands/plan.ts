/** `plinth plan`: reviews a design before anything is done. */

import type { WrittenDesign } from '../verify/expected/written-design.ts'
import { makePlan } from './planning/make-plan.ts'
import type { PlanReport } from './planning/plan-report.ts'
import { planText } from './planning/plan-text.ts'
import { strategyOf } from './planning/strategy.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { loadDesign } from './setup/load-design.ts'
import { readDatabaseUrl } from './setup/settings/settings.ts'
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
export async function plan({ design: path, statements, database }: PlanInput, io: Io): Promise<Outcome> {
  const url = database === 'none' ? null : readDatabaseUrl({ ...io.env, NODE_ENV: undefined })
  const design = await loadDesign(path, io.cwd)
  const { model } = design
  if (model === null) return unusableDesign(design, io.style)
  const planned = await makePlan(design, model, { database, url, io })
  const report: PlanReport = { ...planned, testing: strategyOf(design.written as WrittenDesign, model) }
  return { exit: 0, data: report, text: planText(report, { style: io.style, statements }) }
}
