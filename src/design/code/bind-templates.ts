/** Reads and compiles the templates of the pages of a model. */

import { join, relative } from 'node:path'
import type { Diagnostic } from '../../base/diagnostic.ts'
import type { Action } from '../../model/action.ts'
import type { ActionPage } from '../../model/address/page.ts'
import { type AnswerForm, answerForm, failureForm } from '../../model/answer-form.ts'
import type { Model } from '../../model/model.ts'
import { severityOf } from '../findings/catalogue.ts'
import { MAX_FINDINGS, type Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { compileTemplate } from '../pages/compile-template.ts'
import { loadText } from '../read/load-beside.ts'

/** The actions and the page of failures with their templates, and what was found in these. */
export interface BoundTemplates extends Pick<Model, 'actions' | 'failurePage'> {
  /** Findings with their places in the templates. */
  readonly diagnostics: readonly Diagnostic[]
  /** The absolute paths of the templates. */
  readonly files: readonly string[]
}

/**
 * Binds the templates of actions and of failures, relative to the folder of the design. A template that cannot be read is a finding in
 * `report`.
 */
export function bindTemplates({ actions, entities, failurePage }: Model, folder: string, report: Report): BoundTemplates {
  const binding: Binding = { folder, report, diagnostics: [], files: new Set() }
  const byName = new Map(entities.map((entity) => [entity.name, entity]))
  const bound = actions.map((action): Action => {
    const { page, failurePage: ofFailures, at } = action
    return {
      ...action,
      page: page === null ? null : bindPage(page, { at: [...at, 'template'], form: () => answerForm(action, byName) }, binding),
      failurePage:
        ofFailures === null ? null : bindPage(ofFailures, { at: [...at, 'errorTemplate'], form: () => failureForm(action) }, binding),
    }
  })
  const general =
    failurePage === null ? null : bindPage(failurePage, { at: ['errors', 'template'], form: () => failureForm(null) }, binding)
  return { actions: bound, failurePage: general, diagnostics: binding.diagnostics.slice(0, MAX_FINDINGS), files: [...binding.files] }
}

interface Binding {
  readonly folder: string
  readonly report: Report
  readonly diagnostics: Diagnostic[]
  readonly files: Set<string>
}

/** The page with its template; without one if the file cannot be used. */
function bindPage(
  page: ActionPage,
  { at, form }: { readonly at: Path; readonly form: () => AnswerForm },
  { folder, report, diagnostics, files }: Binding,
): ActionPage {
  const loaded = loadText(folder, page.file)
  if (loaded.path !== null) files.add(loaded.path)
  if (loaded.kind === 'unusable') {
    report.add('PLN-D590', at, loaded.why, loaded.hint)
    return page
  }
  const file = join(relative('', folder), page.file)
  const found: Diagnostic[] = []
  const template = compileTemplate(loaded.text, form(), (code, place, said) => {
    found.push({ code, severity: severityOf(code), at: { path: at, file, ...place }, ...said })
  })
  diagnostics.push(...found.toSorted((a, b) => (a.at.line ?? 0) - (b.at.line ?? 0) || (a.at.column ?? 0) - (b.at.column ?? 0)))
  return { ...page, template }
}
