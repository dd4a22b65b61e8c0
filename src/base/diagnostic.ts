/** Diagnostics: problems of a design with their places. They are collected, never thrown, so that an author sees all of them in one run. */

/** A place in the author's document: always a path of keys; also a file with line and column (both from 1) if the format has them. */
export interface SourceRef {
  readonly path: readonly (string | number)[]
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/** How serious a finding is: an `error` keeps the design from being used. */
export type Severity = 'error' | 'warning' | 'note'

/** One finding. `code` is stable and listed in the catalogue; `hint` says what to write instead. */
export interface Diagnostic {
  readonly code: string
  readonly severity: Severity
  readonly at: SourceRef
  readonly message: string
  readonly hint?: string
}

/** Spells a path the way the documents do: `entities.Post.indexes[0][1]`; keys that are not plain words are quoted. */
export function formatPath(path: readonly (string | number)[]): string {
  let text = ''
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`
    else if (/^[A-Za-z_$][\w$]*$/.test(key)) text += text === '' ? key : `.${key}`
    else text += `[${JSON.stringify(key)}]`
  }
  return text
}

/** One finding as one line: `design.yaml:12:9 error PLN-D104 entities.Post.access.read: message; hint`. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { at } = diagnostic
  const place = at.file === undefined ? '' : at.line === undefined ? `${at.file} ` : `${at.file}:${at.line}:${at.column ?? 1} `
  const path = formatPath(at.path)
  const where = path === '' ? '' : `${path}: `
  return `${place}${diagnostic.severity} ${diagnostic.code} ${where}${diagnostic.message}${diagnostic.hint === undefined ? '' : `; ${diagnostic.hint}`}`
}

/** True when at least one finding stops the design from being used. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error')
}

/** One kind of finding: its severity, its meaning and its remedy. */
export interface DiagnosticFacts {
  readonly severity: Severity
  readonly title: string
  readonly meaning: string
  readonly remedy: string
}
