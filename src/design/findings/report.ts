/** Collects findings while a design is read and resolved. */

import type { Diagnostic, SourceRef } from '../../base/diagnostic.ts'
import { suggest } from '../../base/suggest.ts'
import type { DiagnosticCode } from './catalogue.ts'
import { CATALOGUE, severityOf } from './catalogue.ts'
import type { Path, Source } from './source.ts'

/** The most findings of a report. One more says that there are others. */
export const MAX_FINDINGS = 200

/** The findings of a design, in the order in which they were added. */
export interface Report {
  readonly list: readonly Diagnostic[]
  /** True once an error has been added. */
  readonly failed: () => boolean
  /** True when the report is full. A call then adds the finding that there are more. */
  readonly full: () => boolean
  readonly add: (code: DiagnosticCode, path: Path, message: string, hint?: string) => void
  /** Adds a finding about a place in another file than the design. */
  readonly addAt: (code: DiagnosticCode, at: SourceRef, message: string, hint?: string) => void
  /** Adds findings that were made while another file was read. */
  readonly include: (diagnostics: readonly Diagnostic[]) => void
}

/** The path of a part, and the report that its findings go to. */
export interface ReportPlace {
  readonly at: Path
  readonly report: Report
}

/** Texts that say what to do about a finding, within its message. */
const SAYS_WHAT_TO_DO = /did you mean|expected |; /

/** The message of a finding and what to do about it: its hint, or the remedy of its code if neither hint nor message says anything. */
export function withRemedy(code: DiagnosticCode, message: string, hint?: string): Pick<Diagnostic, 'message' | 'hint'> {
  if (hint !== undefined) return { message, hint }
  const { remedy } = CATALOGUE[code]
  // A remedy that refers to the message adds nothing to it.
  if (SAYS_WHAT_TO_DO.test(message) || remedy.includes('the message')) return { message }
  return { message, hint: `${remedy.charAt(0).toLowerCase()}${remedy.slice(1).replace(/\.$/, '')}` }
}

/** An empty report on the design of a source. */
export function reportOn(source: Source): Report {
  const list: Diagnostic[] = []
  let failed = false
  const full = (): boolean => {
    if (list.length < MAX_FINDINGS) return false
    const code = 'PLN-D108'
    const message = `only the first ${MAX_FINDINGS} findings are shown`
    if (list.length === MAX_FINDINGS) list.push({ code, severity: severityOf(code), at: source.at([]), message })
    return true
  }
  const include = (diagnostic: Diagnostic): void => {
    if (diagnostic.severity === 'error') failed = true
    if (!full()) list.push(diagnostic)
  }
  const addAt: Report['addAt'] = (code, at, message, hint) => {
    include({ code, severity: severityOf(code), at, ...withRemedy(code, message, hint) })
  }
  return {
    list,
    failed: () => failed,
    full,
    add: (code, path, ...said) => addAt(code, source.at(path), ...said),
    addAt,
    include: (diagnostics) => diagnostics.forEach(include),
  }
}

/** `, did you mean "x"?` when a candidate is near, else nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const near = suggest(name, candidates)
  return near === undefined ? '' : `, did you mean ${quote(near)}?`
}

/** A name or value of the design in a message: quoted, on one line, at most 80 characters. */
export function quote(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
}

/** `1 item`, `2 items`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** `a, b or c`. */
export function either(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
