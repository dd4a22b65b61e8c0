/** The work of `implement`: the migration of the plan that was shown, then the files, then the development server. */

import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Model } from '../../../model/model.ts'
import type { MigrationOutcome } from '../../../postgres/migrate/migrate.ts'
import { saidText } from '../../planning/says/says.ts'
import { databaseOf, withDatabase } from '../../setup/database.ts'
import { reasons, runMigration } from '../../setup/migration.ts'
import { readDatabaseUrl } from '../../setup/settings/settings.ts'
import { PLAIN } from '../../terminal/style.ts'
import { developmentServer, reloadsOf } from '../server/development-server.ts'
import { type DesignDraft, draftOf, newDraft } from '../state/drafts.ts'
import { insidePath, readInside } from '../state/inside-path.ts'
import { refuseCode, usableDraft } from '../state/load-draft.ts'
import type { Project } from '../state/project.ts'
import { keepFile } from '../state/state-files.ts'
import { ToolError } from '../state/tool-error.ts'
import { type HashedPlan, plannedOf } from '../tools/planned.ts'
import { callText } from '../tools/tool.ts'
import type { Working } from './working.ts'

/**
 * Implements a draft. The database is migrated before the design is written, because a running server takes up what is written.
 *
 * @throws ToolError PLN-M004 for another plan, PLN-M005 for steps that need one, PLN-M011 if a step cannot be done.
 */
export async function implementDraft({ project, job }: Working): Promise<Readonly<Record<string, unknown>>> {
  const draft = draftOf(project, String(job.args.design))
  refuseRival(project, draft)
  const loaded = await usableDraft(project, draft)
  refuseCode(loaded, draft)
  const planned = await plannedOf(project, draft, loaded)
  checkPlan(planned, typeof job.args.plan === 'string' ? job.args.plan : null, draft)
  const migrated = await migrate(project, loaded, planned)
  const seen = reloadsOf(project)
  const { wrote, before } = write(project, draft, loaded.model)
  const { url } = await developmentServer(project, draft.path, wrote.includes(draft.path) ? seen : null)
  const says = planned.report.says.map(saidText)
  keepFile(project.root, 'plans', 'current', { plan: planned.id, design: draft.id, says })
  return {
    url,
    wrote,
    migrated: migrated.kind === 'applied' ? migrated.plan.statements.length : 0,
    ...(before === null ? {} : { before }),
    tasks: planned.report.tasks.filter(({ by }) => by === 'person').map(({ what }) => what),
    next: callText('verify', { mode: 'quick' }),
  }
}

/** @throws ToolError PLN-M004 or PLN-M005. */
function checkPlan({ id, report: { migration } }: HashedPlan, shown: string | null, draft: DesignDraft): void {
  const next = callText('plan', { design: draft.id })
  if (shown !== null && shown !== id)
    throw new ToolError('PLN-M004', `the plan of this design and this database is ${id}`, {
      fix: 'read the plan again, then implement it with its hash',
      next,
    })
  const [first] = migration.blocked
  if (shown === null && first !== undefined)
    throw new ToolError('PLN-M005', `${first.description} (${first.hazard})`, {
      fix: `ask whether that is meant, then implement with "plan":"${id}"`,
      next,
    })
}

/** @throws ToolError PLN-M011 if a design in another format would be taken in place of this one. */
function refuseRival({ root }: Project, { path }: DesignDraft): void {
  const rival = ['design.ts', 'design.yaml', 'design.yml', 'design.json'].find(
    (name) => name !== path && existsSync(join(root, dirname(path), name)),
  )
  if (rival !== undefined)
    throw new ToolError('PLN-M011', `${rival} is the design of the folder, and ${path} would be a second one`, {
      fix: `remove ${rival}, or change it`,
    })
}

async function migrate(
  project: Project,
  loaded: { readonly path: string; readonly model: Model },
  { report }: HashedPlan,
): Promise<MigrationOutcome> {
  const { io } = project
  const allow = new Set(report.migration.blocked.map(({ hazard }) => hazard))
  const wish = databaseOf(loaded, readDatabaseUrl({ ...io.env, NODE_ENV: undefined }), io)
  const outcome = await withDatabase(wish, ({ url }) => runMigration(loaded.model, { url, allow, run: 'apply' }, io))
  if (outcome.kind === 'refused')
    throw new ToolError('PLN-M011', reasons(outcome, PLAIN).join('; '), { fix: 'correct the rows or the design; nothing was changed' })
  return outcome
}

interface Written {
  readonly wrote: readonly string[]
  /** The draft of the text that was there; null if there was none, or the same. */
  readonly before: string | null
}

/** Writes the design, and what a project needs around it if it has none. */
function write(project: Project, draft: DesignDraft, { name }: Model): Written {
  const path = insidePath(project.root, draft.path)
  const was = existsSync(path) ? readInside(project.root, draft.path) : null
  mkdirSync(dirname(path), { recursive: true })
  const around = project.commands.projectFiles(name).filter(([file]) => !existsSync(join(project.root, file)))
  for (const [file, text] of around) writeFileSync(insidePath(project.root, file), text, { flag: 'wx' })
  if (was === draft.text) return { wrote: around.map(([file]) => file), before: null }
  // A development server sees the whole text or none of it.
  const beside = join(dirname(path), `.${process.pid}.new`)
  writeFileSync(beside, draft.text, { flag: 'wx' })
  renameSync(beside, path)
  return { wrote: [draft.path, ...around.map(([file]) => file)], before: was === null ? null : newDraft(project, draft.path, was).id }
}
