/** Findings of a design as a client gets them: gravest first, each with its place, what to do, and an edit where one is known. */

import { relative, resolve } from 'node:path'
import { type Diagnostic, formatPath, type Severity } from '../../../base/diagnostic.ts'
import type { DesignDraft } from '../state/drafts.ts'
import type { Edit } from '../state/edits.ts'
import type { Project } from '../state/project.ts'

/** A finding. */
export interface ShownFinding {
  /** `1`, `2`, …: the name of its edit for this draft. */
  readonly id: string
  readonly code: string
  readonly severity: Severity
  /** `design.yaml:12:9 entities.Post.access.read`. */
  readonly where: string
  readonly message: string
  /** What to do. */
  readonly fix?: string
  /** An edit after which the finding is gone. */
  readonly edit?: Edit
}

const GRAVE: readonly Severity[] = ['error', 'warning', 'note']

/** The findings of a draft. */
export function findingsOf(project: Project, draft: DesignDraft, diagnostics: readonly Diagnostic[]): readonly ShownFinding[] {
  const sorted = [...diagnostics].sort((a, b) => GRAVE.indexOf(a.severity) - GRAVE.indexOf(b.severity))
  return sorted.map(({ code, severity, at, message, hint }, i) => {
    const file = at.file === undefined ? draft.path : relative(project.root, resolve(at.file)) || at.file
    const place = at.line === undefined ? file : `${file}:${at.line}:${at.column ?? 1}`
    const edit =
      file === draft.path && at.line !== undefined ? spellingEdit(draft.text, { line: at.line, column: at.column ?? 1 }, message) : null
    return {
      ...{ id: String(i + 1), code, severity, where: `${place} ${formatPath(at.path)}`.trim(), message },
      ...(hint === undefined ? {} : { fix: hint }),
      ...(edit === null ? {} : { edit }),
    }
  })
}

/** The edit of a message that says `"publishd" …, did you mean "published"?`, if the word stands once on the line of the finding. */
function spellingEdit(text: string, { line, column }: { readonly line: number; readonly column: number }, message: string): Edit | null {
  const [, wrong, right] = /"([\w-]+)"[^"]*did you mean "([\w-]+)"\?/.exec(message) ?? []
  if (wrong === undefined || right === undefined) return null
  const words = (text.split('\n')[line - 1] ?? '').match(/[\w-]+/g)?.filter((word) => word === wrong) ?? []
  return words.length === 1 ? { where: `${line}:${column}`, yourText: wrong, replaceWith: right } : null
}

/** `1 error, 2 warnings`, or `no findings`. */
export function summaryOf(findings: readonly Pick<ShownFinding, 'severity'>[]): string {
  const counts = GRAVE.map((severity) => ({ severity, n: findings.filter((one) => one.severity === severity).length }))
  const words = counts.filter(({ n }) => n > 0).map(({ severity, n }) => `${n} ${severity}${n === 1 ? '' : 's'}`)
  return words.length === 0 ? 'no findings' : words.join(', ')
}
