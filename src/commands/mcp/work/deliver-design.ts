/** The work of `deliver`: what the command does, and the part of it that an answer has room for. */

import { join, relative } from 'node:path'
import { isObject } from '../../../base/is-object.ts'
import { ownDraft } from '../state/drafts.ts'
import { insidePath } from '../state/inside-path.ts'
import { jobFolder } from '../state/jobs.ts'
import { ToolError } from '../state/tool-error.ts'
import { lastVerified } from '../tools/deliver.ts'
import type { Working } from './working.ts'

/** Writes the hand-over. @throws ToolError PLN-M002, PLN-M009, PLN-M010; errors of the command. */
export async function deliverDesign({ project, job }: Working): Promise<Readonly<Record<string, unknown>>> {
  const draft = ownDraft(project)
  const verified = lastVerified(project)
  if (draft === null || verified === null)
    throw new ToolError('PLN-M010', 'the folder has no design or no run of verify any more', { fix: 'verify again' })
  const folder = relative(project.root, insidePath(project.root, String(job.args.out)))
  const outcome = await project.commands.deliver({ design: draft.path, out: folder, report: jobFolder(project.root, verified) }, project.io)
  if (outcome.exit === 'of-child') throw new Error('deliver runs in this process')
  const { handover, files, message } = outcome.data as {
    readonly handover?: unknown
    readonly files?: readonly string[]
    readonly message?: string
  }
  if (!isObject(handover)) throw new ToolError('PLN-M009', `${draft.path} has errors`, { fix: 'correct what review finds' })
  return {
    status: handover.status,
    handover: join(folder, 'handover.json'),
    page: join(folder, 'index.html'),
    files: files?.length ?? 0,
    message,
    next: null,
  }
}
