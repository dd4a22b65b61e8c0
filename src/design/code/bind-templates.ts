/** Reads and compiles the templates of the pages of a model. */

import { join, relative } from 'node:path'
import type { Diagnostic } from '../../base/diagnostic.ts'
import type { Action } from '../../model/action.ts'
import { answerForm } from '../../model/answer-form.ts'
import type { Model } from '../../model/model.ts'
import { severityOf } from '../findings/catalogue.ts'
import { MAX_FINDINGS, type Report } from '../findings/report.ts'
import { compileTemplate } from '../pages/compile-template.ts'
import { loadTemplate } from '../read/load-template.ts'

/** The actions with their templates, and what was found in these. */
export interface BoundTemplates {
  readonly actions: readonly Action[]
  /** Findings with their places in the templates. */
  readonly diagnostics: readonly Diagnostic[]
  /** The absolute paths of the templates. */
  readonly files: readonly string[]
}

/** Binds the templates of actions, relative to the folder of the design. A template that cannot be read is a finding in `report`. */
export function bindTemplates({ actions, entities }: Model, folder: string, report: Report): BoundTemplates {
  const diagnostics: Diagnostic[] = []
  const files = new Set<string>()
  const byName = new Map(entities.map((entity) => [entity.name, entity]))
  const bound = actions.map((action): Action => {
    const { page, at } = action
    if (page === null) return action
    const loaded = loadTemplate(folder, page.file)
    if (loaded.path !== null) files.add(loaded.path)
    if (loaded.kind === 'unusable') {
      report.add('PLN-D590', [...at, 'template'], loaded.why, loaded.hint)
      return action
    }
    const file = join(relative('', folder), page.file)
    const found: Diagnostic[] = []
    const template = compileTemplate(loaded.text, answerForm(action, byName), (code, place, said) => {
      found.push({ code, severity: severityOf(code), at: { path: [...at, 'template'], file, ...place }, ...said })
    })
    diagnostics.push(...found.toSorted((a, b) => (a.at.line ?? 0) - (b.at.line ?? 0) || (a.at.column ?? 0) - (b.at.column ?? 0)))
    return { ...action, page: { ...page, template } }
  })
  return { actions: bound, diagnostics: diagnostics.slice(0, MAX_FINDINGS), files: [...files] }
}
