/** The tool `review`: findings of a design. */

import { isObject } from '../../../base/is-object.ts'
import { type DesignDraft, draftOf, newDraft } from '../state/drafts.ts'
import { type Edit, edited } from '../state/edits.ts'
import { type ImportedDocument, importedDraft } from '../state/imported-draft.ts'
import { loadDraft } from '../state/load-draft.ts'
import type { Project } from '../state/project.ts'
import { ToolError } from '../state/tool-error.ts'
import { findingsOf, summaryOf } from './findings.ts'
import { type Arguments, argumentText, callText, type Tool, type ToolAnswer } from './tool.ts'

/** Reads a design, and names what is wrong with it. */
export const REVIEW: Tool = {
  name: 'review',
  title: 'Review a design',
  description:
    'Start here. Checks a design (YAML, JSON): findings with fix, often an edit. `edits` or a document (.md, .sql) make a draft. Language: plinth://guide.',
  inputs: {
    design: { type: 'string', description: 'path, text or draft' },
    edits: {
      type: 'array',
      items: { anyOf: [{ type: 'string' }, { type: 'object' }] },
      description: 'id, or {yourText,replaceWith,where?}',
    },
  },
  required: ['design'],
  outputs: { ok: 'boolean', design: 'string', summary: 'string', findings: 'array' },
  hints: { readOnlyHint: true },
  joins: true,
  run: review,
}

async function review(given: Arguments, project: Project): Promise<ToolAnswer> {
  const named = argumentText(given, 'design') ?? ''
  const document = await importedDraft(project, named)
  const before = document?.draft ?? draftOf(project, named)
  const draft = await withEdits(project, before, (given.edits ?? []) as readonly unknown[])
  const loaded = await loadDraft(project, draft)
  const findings = findingsOf(project, draft, loaded.diagnostics)
  const ids = findings.filter(({ edit }) => edit !== undefined).map(({ id }) => id)
  const answer = {
    ok: loaded.model !== null,
    design: draft.id,
    file: draft.path,
    summary: summaryOf(findings),
    findings,
    ...(loaded.code.length === 0 ? {} : { notExecuted: loaded.code }),
    ...(document === null ? {} : aboutDocument(document, draft)),
  }
  if (document !== null && ids.length === 0) return { ...answer, next: afterImport(document, draft) }
  if (ids.length > 0) return { ...answer, next: callText('review', { design: draft.id, edits: ids }) }
  if (loaded.model === null)
    return {
      ...answer,
      next: `correct the findings, then ${callText('review', { design: draft.id, edits: [{ yourText: '…', replaceWith: '…' }] })}`,
    }
  return { ...answer, next: callText('plan', { design: draft.id }) }
}

/** What was made of a document, and its text, which only the agent can complete. */
function aboutDocument(
  { source, format, objects, left, asks, requirements }: ImportedDocument,
  { text }: DesignDraft,
): Readonly<Record<string, unknown>> {
  return { imported: { source, format, ...objects, requirements }, left, asks, text }
}

/** How to go on: the import writes no rule, and prose is read by the agent. */
function afterImport({ source, entities, requirements }: ImportedDocument, { id }: DesignDraft): string {
  const call = callText('review', { design: 'the text with what you wrote', edits: [] }).replace(',"edits":[]', '')
  if (entities === 0)
    return `Read ${source}. Write its entities and rules into text, and what meets each of the ${requirements} requirements; then ${call}. Language: plinth://guide. Example: plinth://examples/clinic`
  return `Read ${source}. Write access rules into text, what prose says, and what is left; then ${call}, or ${callText('review', { design: id, edits: [{ yourText: '…', replaceWith: '…' }] })}. Language: plinth://guide`
}

/** @throws ToolError PLN-M001 for what is no edit, PLN-M003 for a text that is not there once. */
async function withEdits(project: Project, draft: DesignDraft, given: readonly unknown[]): Promise<DesignDraft> {
  if (given.length === 0) return draft
  const known = given.some((one) => typeof one === 'string')
    ? findingsOf(project, draft, (await loadDraft(project, draft)).diagnostics)
    : []
  const edits = given.map((one): Edit => {
    if (typeof one !== 'string') return editOf(one)
    const finding = known.find(({ id }) => id === one)
    if (finding?.edit !== undefined) return finding.edit
    const fix =
      finding === undefined
        ? `it has the findings ${known.map(({ id }) => id).join(', ') || 'of no id'}`
        : `its fix is: ${finding.fix ?? finding.message}`
    throw new ToolError('PLN-M001', `finding ${JSON.stringify(one.slice(0, 20))} of ${draft.id} has no edit`, {
      fix: `send {yourText, replaceWith}; ${fix}`,
    })
  })
  return newDraft(project, draft.path, edited(draft.text, edits))
}

function editOf(given: unknown): Edit {
  const { yourText, replaceWith, where, ...others } = isObject(given) ? given : {}
  const isEdit = typeof yourText === 'string' && typeof replaceWith === 'string' && (where === undefined || typeof where === 'string')
  if (!isEdit || Object.keys(others).some((key) => key !== 'finding'))
    throw new ToolError('PLN-M001', 'an edit has the texts yourText and replaceWith, and where if it needs one', {
      fix: 'send {"yourText": "…", "replaceWith": "…"}',
    })
  return { yourText, replaceWith, where: where as string | undefined }
}
