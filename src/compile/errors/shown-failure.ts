/** What clients are told about a failure, by what the design says under `errors`. */

import { type Failure, type FieldProblem, shownProblems } from '../../base/failure.ts'
import { unescapedPart } from '../../base/texts/json-pointer.ts'
import { type ErrorFormat, LIMIT_WORD, type ShownCode, shownCode } from '../../model/errors/error-format.ts'

/** A failure as clients get it. */
export interface ShownFailure {
  readonly status: number
  readonly detail: string
  readonly errors: ReturnType<typeof shownProblems>
  /** The path to which browsers are led in place of a page; null for none. */
  readonly redirect: string | null
}

/** The status, the detail and the messages of a failure. @param format null for the form of Plinth */
export function shownFailure(format: ErrorFormat | null, known: Failure): ShownFailure {
  if (format === null) return { status: known.status, detail: known.detail, errors: shownProblems(known.errors), redirect: null }
  const code = codeOf(format, known)
  const errors = known.errors.map((problem) => ({
    pointer: problem.pointer,
    rule: problem.rule,
    message: messageOf(format, known, { problem, code }),
  }))
  return { status: code?.status ?? known.status, detail: detailOf(known, code), errors, redirect: code?.redirect ?? null }
}

/** One field with all that is wrong with it, or the failure as a whole. */
export interface ErrorProblem {
  readonly name: string
  readonly rule: string
  readonly messages: readonly string[]
  readonly pointer: string
}

/** The problems of a failure, one for each pointer; never empty. */
export function problemsOf(format: ErrorFormat, known: Failure): readonly ErrorProblem[] {
  const code = codeOf(format, known)
  const { subject, publicCode } = known
  const kind = subject.entity === null ? undefined : (format.kinds.get(subject.entity) ?? subject.entity)
  const own = code?.name ?? subject.parameter ?? kind ?? publicCode
  if (known.errors.length === 0) return [{ name: own, rule: publicCode, messages: [detailOf(known, code)], pointer: '' }]
  const problems = known.errors.map((problem) => ({
    name: fieldOf(problem.pointer) ?? own,
    rule: problem.empty === true ? 'empty' : problem.rule,
    messages: [messageOf(format, known, { problem, code })],
    pointer: problem.pointer,
  }))
  return joined(problems, ({ pointer }) => pointer)
}

/** What a failure says to the expressions and templates of the design. */
export interface SaidFailure {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly problems: readonly ErrorProblem[]
}

const PLAIN: ErrorFormat = { answer: null, codes: new Map(), statuses: new Map(), messages: new Map(), kinds: new Map() }

/** What a failure says. @param format null for the words of Plinth */
export function saidOf(format: ErrorFormat | null, known: Failure, { status, detail }: ShownFailure): SaidFailure {
  return { problems: problemsOf(format ?? PLAIN, known), status, code: known.publicCode, title: known.title, detail }
}

/** Problems with the same key become one with all their messages; equal messages are kept once. */
export function joined(problems: readonly ErrorProblem[], keyOf: (problem: ErrorProblem) => string): readonly ErrorProblem[] {
  const byKey = new Map<string, ErrorProblem>()
  for (const problem of problems) {
    const key = keyOf(problem)
    const first = byKey.get(key)
    const messages = first === undefined ? problem.messages : [...new Set([...first.messages, ...problem.messages])]
    byKey.set(key, { ...(first ?? problem), messages })
  }
  return [...byKey.values()]
}

function codeOf(format: ErrorFormat, { publicCode, status }: Failure): ShownCode | undefined {
  return shownCode(format, { code: publicCode, status })
}

/** What code of the design has said about this failure stands before what the design says about all failures of the code. */
function detailOf(known: Failure, code: ShownCode | undefined): string {
  return known.isWorded ? known.detail : (code?.message ?? known.detail)
}

interface Said {
  readonly problem: FieldProblem
  readonly code: ShownCode | undefined
}

/** The message of `validation_failed` is about the request as a whole, so its problems do not have it. */
function messageOf({ messages }: ErrorFormat, { code: kind }: Failure, { problem, code }: Said): string {
  const ofEmpty = problem.empty === true ? messages.get('empty') : undefined
  const ofRule = ofEmpty ?? withLimit((messages as ReadonlyMap<string, string>).get(problem.rule), problem)
  const ofCode = kind === 'validation_failed' ? undefined : code?.message
  return ofRule ?? ofCode ?? problem.message
}

/** A message with the limit in place of `{limit}`; undefined if it names a limit that the problem does not have. */
function withLimit(message: string | undefined, { limit }: FieldProblem): string | undefined {
  if (message?.includes(LIMIT_WORD) !== true) return message
  return limit === undefined ? undefined : message.replaceAll(LIMIT_WORD, () => String(limit))
}

/** The field of a pointer: its last part that is no place in a list; null without one. */
function fieldOf(pointer: string): string | null {
  const name = pointer.split('/').findLast((part, i) => i > 0 && !/^\d+$/.test(part))
  return name === undefined || name === '' ? null : unescapedPart(name)
}
