/** The tool `explain`: what a code means, or who may do what and why. */

import { FAILURES } from '../../../base/failures/failure-catalogue.ts'
import { suggest } from '../../../base/suggest.ts'
import { CATALOGUE } from '../../../design/findings/catalogue.ts'
import type { Model } from '../../../model/model.ts'
import { saidText, saysOf } from '../../planning/says/says.ts'
import { draftOf, ownDraft } from '../state/drafts.ts'
import { usableDraft } from '../state/load-draft.ts'
import type { Project } from '../state/project.ts'
import { TOOL_ERRORS, ToolError } from '../state/tool-error.ts'
import { failedCheck } from './failed-check.ts'
import { languageWord } from './language-word.ts'
import { type Arguments, argumentText, callText, type Tool, type ToolAnswer } from './tool.ts'

/** Explains a code, a rule or a failed check. */
export const EXPLAIN: Tool = {
  name: 'explain',
  title: 'Explain',
  description:
    'A code (PLN-…), a failed check of verify, a word of designs (`language action`), or who may do what (`Entity`, `Entity.read`, `Entity.field`, action).',
  inputs: { about: { type: 'string' }, design: { type: 'string', description: "the folder's unless given" } },
  required: ['about'],
  outputs: { ok: 'boolean', says: 'array', rules: 'object' },
  hints: { readOnlyHint: true },
  joins: true,
  run: explain,
}

async function explain(given: Arguments, project: Project): Promise<ToolAnswer> {
  const about = (argumentText(given, 'about') ?? '').trim()
  return codeExplained(about) ?? languageWord(about) ?? failedCheck(project, about) ?? (await ruleExplained(about, given, project))
}

function codeExplained(code: string): ToolAnswer | null {
  if (!/^PLN-/.test(code)) return null
  if (Object.hasOwn(CATALOGUE, code)) {
    const { title, meaning, remedy, severity } = CATALOGUE[code as keyof typeof CATALOGUE]
    return { ok: true, about: code, severity, says: [title, meaning], fix: remedy, next: null }
  }
  if (Object.hasOwn(TOOL_ERRORS, code)) return { ok: true, about: code, says: [TOOL_ERRORS[code as keyof typeof TOOL_ERRORS]], next: null }
  const failure = Object.entries(FAILURES).find(([name, facts]) => name === code || (facts as { readonly code?: string }).code === code)
  if (failure !== undefined) return { ok: true, about: code, says: [failure[1].title], status: failure[1].status, next: null }
  const near = suggest(code, [...Object.keys(CATALOGUE), ...Object.keys(TOOL_ERRORS)])
  throw new ToolError('PLN-M010', `there is no code ${JSON.stringify(code.slice(0, 40))}`, {
    fix: near === undefined ? 'take the code from a finding' : `did you mean ${near}?`,
  })
}

async function ruleExplained(about: string, given: Arguments, project: Project): Promise<ToolAnswer> {
  const named = argumentText(given, 'design')
  const draft = named === undefined ? ownDraft(project) : draftOf(project, named)
  if (draft === null)
    throw new ToolError('PLN-M010', 'the folder has no design yet', { fix: 'name one', next: callText('explain', { about, design: '…' }) })
  const { model } = await usableDraft(project, draft)
  const [entity = '', part] = about.split('.')
  const said = saysOf(model).filter((one) => one.about === entity && (part === undefined || one.part === part))
  if (said.length === 0) throw nothingOf(about, model)
  return { ok: true, about, design: draft.id, says: said.map(saidText), rules: rulesOf(model, entity, part), next: null }
}

/** The rules of an entity as their author wrote them. */
function rulesOf(model: Model, name: string, part: string | undefined): Readonly<Record<string, string | null>> {
  const source: Readonly<Record<string, string | null>> = model.entities.find((entity) => entity.name === name)?.access.source ?? {}
  return Object.fromEntries(Object.entries(source).filter(([operation]) => part === undefined || operation === part))
}

function nothingOf(about: string, model: Model): ToolError {
  const names = [...new Set(saysOf(model).flatMap((one) => [one.about, ...(one.part === '' ? [] : [`${one.about}.${one.part}`])]))]
  const near = suggest(about, names)
  const known = `it has ${model.entities.map(({ name }) => name).join(', ')}`
  return new ToolError('PLN-M010', `the design says nothing of ${JSON.stringify(about.slice(0, 60))}`, {
    fix: near === undefined ? known : `did you mean ${near}? ${known}`,
  })
}
