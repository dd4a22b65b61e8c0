/** The tool `implement`: makes a design the one of the folder, migrates the development database and serves it. */

import { draftOf } from '../state/drafts.ts'
import { startJob } from '../state/jobs.ts'
import { refuseCode, usableDraft } from '../state/load-draft.ts'
import type { Project } from '../state/project.ts'
import { shortHash } from '../state/state-files.ts'
import { afterWaiting, waitOf } from './shown-job.ts'
import { type Arguments, argumentText, type Tool, type ToolAnswer } from './tool.ts'

/** Starts the work, or finds that of the same call. */
export const IMPLEMENT: Tool = {
  name: 'implement',
  title: 'Implement',
  description:
    'Writes the design into the folder, migrates the development database, serves it. Steps that delete data or rewrite a table need `plan`.',
  inputs: {
    design: { type: 'string', description: 'path, text or draft id' },
    plan: { type: 'string', description: 'hash that plan returned' },
    wait: { type: 'integer', maximum: 15 },
  },
  required: ['design'],
  outputs: { ok: 'boolean', job: 'string', state: 'string', url: 'string', error: 'object' },
  hints: { destructiveHint: true, idempotentHint: true },
  joins: false,
  run: implement,
}

async function implement(given: Arguments, project: Project): Promise<ToolAnswer> {
  const draft = draftOf(project, argumentText(given, 'design') ?? '')
  refuseCode(await usableDraft(project, draft), draft)
  const plan = argumentText(given, 'plan')
  const args = { design: draft.id, ...(plan === undefined ? {} : { plan }) }
  const job = startJob(project, { tool: 'implement', key: shortHash(draft.id, plan ?? ''), args, repeat: 'under-way' })
  return afterWaiting(project, job, waitOf(given))
}
