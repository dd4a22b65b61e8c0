/** A plan with its hash: what `plan` shows, and what `implement` compares with. */

import type { Model } from '../../../model/model.ts'
import { makePlan } from '../../planning/make-plan.ts'
import type { DesignReport } from '../../planning/plan-report.ts'
import type { LoadedDesign } from '../../setup/load-design.ts'
import { readDatabaseUrl } from '../../setup/settings/settings.ts'
import type { DesignDraft } from '../state/drafts.ts'
import type { Project } from '../state/project.ts'
import { shortHash } from '../state/state-files.ts'

/** The report of a design, and its hash. */
export interface HashedPlan {
  /** `p:` and a hash of the design, of what it says and of the steps from the present database. */
  readonly id: string
  readonly report: DesignReport
}

/** Plans a draft from the present database of the project. @throws EnvironmentError if it cannot be read. */
export async function plannedOf(
  project: Project,
  draft: DesignDraft,
  loaded: LoadedDesign & { readonly model: Model },
): Promise<HashedPlan> {
  const { io } = project
  const url = readDatabaseUrl({ ...io.env, NODE_ENV: undefined })
  const report = await makePlan(loaded, loaded.model, { database: 'present', url, io })
  const { migration, says } = report
  const steps = migration.statements.map(({ description, hazards }) => [description, ...hazards])
  return { id: `p:${shortHash(draft.id, JSON.stringify(says), JSON.stringify([steps, migration.blocked, migration.kept]))}`, report }
}
