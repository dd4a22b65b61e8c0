/** The tool `deliver`: writes the hand-over of the design of the folder, from the last `verify` of it. */

import { relative } from 'node:path'
import { ownDraft } from '../state/drafts.ts'
import { insidePath } from '../state/inside-path.ts'
import { isUnderWay, readJob, startJob } from '../state/jobs.ts'
import { refuseCode, usableDraft } from '../state/load-draft.ts'
import type { Project } from '../state/project.ts'
import { keptNames, shortHash } from '../state/state-files.ts'
import { ToolError } from '../state/tool-error.ts'
import { afterWaiting, waitOf } from './shown-job.ts'
import { type Arguments, argumentText, callText, type Tool, type ToolAnswer } from './tool.ts'

/** Starts the work, or finds that of the same call. */
export const DELIVER: Tool = {
  name: 'deliver',
  title: 'Deliver',
  description: "Writes the hand-over (six deliverables, handover.json) of this design's last verify.",
  inputs: { out: { type: 'string', description: 'new folder: delivery' }, wait: { type: 'integer', maximum: 15 } },
  required: ['out'],
  outputs: { ok: 'boolean', job: 'string', state: 'string', status: 'string', message: 'string' },
  hints: { destructiveHint: false, idempotentHint: true },
  joins: false,
  run: deliver,
}

async function deliver(given: Arguments, project: Project): Promise<ToolAnswer> {
  const out = relative(project.root, insidePath(project.root, argumentText(given, 'out') ?? ''))
  const draft = ownDraft(project)
  const verified = lastVerified(project)
  if (draft === null || verified === null)
    throw new ToolError('PLN-M008', 'there is no finished verify in this folder', {
      fix: 'verify first',
      next: callText('verify', { mode: 'full' }),
    })
  refuseCode(await usableDraft(project, draft), draft)
  const args = { out }
  return afterWaiting(
    project,
    startJob(project, { tool: 'deliver', key: shortHash(draft.id, out, verified), args, repeat: 'under-way' }),
    waitOf(given),
  )
}

/** The job of the latest `verify` that has ended well. Whether it is about the design as it is now, the command judges. Null for none. */
export function lastVerified(project: Project): string | null {
  const names = keptNames(project.root, 'jobs')
  return (
    names.find((name) => {
      const job = readJob(project, name)
      return job?.tool === 'verify' && !isUnderWay(job) && job.state === 'done'
    }) ?? null
  )
}
