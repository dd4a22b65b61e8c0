/** The tool `verify`: tests the design of the folder on databases that are thrown away. */

import { readFileSync } from 'node:fs'
import { ownPackage } from '../../../embed/own-package.ts'
import { ownDraft } from '../state/drafts.ts'
import { startJob } from '../state/jobs.ts'
import { refuseCode, usableDraft } from '../state/load-draft.ts'
import type { Project } from '../state/project.ts'
import { shortHash } from '../state/state-files.ts'
import { ToolError } from '../state/tool-error.ts'
import { afterWaiting, waitOf } from './shown-job.ts'
import { type Arguments, argumentText, type Tool, type ToolAnswer } from './tool.ts'

/** Starts the work, or finds that of the same call. */
export const VERIFY: Tool = {
  name: 'verify',
  title: 'Verify',
  description:
    "Tests and attacks a backend of the folder's design on throw-away databases. quick: a minute, full: 10-30 min. Returns a job.",
  inputs: {
    mode: { enum: ['quick', 'full'] },
    only: { type: 'string', description: 'begin of case names: access/Post' },
    wait: { type: 'integer', maximum: 15 },
  },
  required: [],
  outputs: { ok: 'boolean', job: 'string', state: 'string', verdict: 'string', failed: 'array', error: 'object' },
  hints: { destructiveHint: false, idempotentHint: true },
  joins: false,
  run: verify,
}

async function verify(given: Arguments, project: Project): Promise<ToolAnswer> {
  const draft = ownDraft(project)
  if (draft === null)
    throw new ToolError('PLN-M010', 'the folder has no design yet', { fix: 'write one with implement', next: 'implement {"design":"…"}' })
  const loaded = await usableDraft(project, draft)
  refuseCode(loaded, draft)
  const mode = given.mode === 'full' ? 'full' : 'quick'
  const only = argumentText(given, 'only')
  const key = shortHash(ownPackage().version, mode, only ?? '', ...loaded.files.map((file) => readFileSync(file, 'utf8')))
  const args = { mode, ...(only === undefined ? {} : { only }) }
  const job = startJob(project, { tool: 'verify', key, args, repeat: 'fresh' })
  return afterWaiting(project, job, waitOf(given))
}
