/** Reads a draft as a design. */

import { join } from 'node:path'
import type { Model } from '../../../model/model.ts'
import { type DataDesign, loadData } from '../../setup/load-design.ts'
import type { DesignDraft } from './drafts.ts'
import type { Project } from './project.ts'
import { ToolError } from './tool-error.ts'

/** Reads and resolves a draft. Code that it names is executed only if the server allows it. */
export function loadDraft(project: Project, draft: DesignDraft): Promise<DataDesign> {
  return loadData({ path: join(project.root, draft.path), text: draft.text }, { cwd: project.root, code: project.code })
}

/** Reads a draft without errors. @throws ToolError PLN-M009 if it has any. */
export async function usableDraft(project: Project, draft: DesignDraft): Promise<DataDesign & { readonly model: Model }> {
  const loaded = await loadDraft(project, draft)
  const { model } = loaded
  if (model !== null) return { ...loaded, model }
  const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error')
  throw new ToolError('PLN-M009', `${draft.path} has ${errors.length === 1 ? 'an error' : `${errors.length} errors`}`, {
    fix: 'correct what review finds',
    next: `review ${JSON.stringify({ design: draft.id })}`,
  })
}

/** @throws ToolError PLN-M007 if the design names code that would be executed and may not be. */
export function refuseCode({ code }: DataDesign, draft: DesignDraft): void {
  if (code.length > 0)
    throw new ToolError('PLN-M007', `${draft.path} names code that would be executed: ${code.slice(0, 3).join(', ')}`, {
      fix: 'write the logic as steps, or have a person start the server with --allow-code',
    })
}
