/** The failures of a request. The note of a failure goes to the log alone. */

import { FAILURES, type FailureCode, type FailureParams } from './failures/failure-catalogue.ts'
import { aboutEntity, type FailureSubject, NO_SUBJECT, subjectOf } from './failures/failure-subject.ts'
import type { OwnRule, Rule } from './failures/rules.ts'

/** One problem with one value of the request: a JSON pointer (RFC 6901) into the body, the rule that it breaks, and what to do. */
export interface FieldProblem {
  readonly pointer: string
  readonly rule: Rule | OwnRule
  readonly message: string
  /** The value is an empty text or null. For the rule `empty` of the design; no answer holds it. */
  readonly empty?: true
  /** The limit that the value breaks, for `{limit}` in messages of the design. No answer holds it. */
  readonly limit?: number | string
}

/** A code that the design declares, and its HTTP status. */
export interface DeclaredCode {
  readonly code: string
  readonly status: number
}

/** A refused or failed request. `note` goes to the log and nowhere else. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: FailureCode
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly note: string | undefined
  readonly errors: readonly FieldProblem[]
  readonly retryAfterSeconds: number | undefined
  /** The index of the operation that failed, in a request with several operations. */
  readonly operation: number | undefined
  /** The code that clients get: `code`, or the code of the design for `refused_by_design`. */
  readonly publicCode: string
  readonly subject: FailureSubject
  /** Whether code of the design has given the detail, which then stands before the message of the code. */
  readonly isWorded: boolean

  constructor(code: FailureCode, detail: string, more: FailureMore) {
    // A refusal is an answer, not a defect: nobody reads its stack, and capturing the stack costs more than the rest of the refusal.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(`${code}: ${detail}`)
    Error.stackTraceLimit = stackTraceLimit
    this.code = code
    this.status = more.declared?.status ?? FAILURES[code].status
    this.publicCode = more.declared?.code ?? code
    this.title = FAILURES[code].title
    this.detail = detail
    this.note = more.note
    this.errors = more.errors ?? []
    this.retryAfterSeconds = more.retryAfterSeconds
    this.operation = more.operation
    this.subject = more.subject ?? NO_SUBJECT
    this.isWorded = more.isWorded ?? false
  }
}

/** What a failure has besides its code and its detail. */
export interface FailureMore {
  readonly note?: string | undefined
  readonly errors?: readonly FieldProblem[]
  readonly retryAfterSeconds?: number | undefined
  readonly operation?: number | undefined
  readonly declared?: DeclaredCode | undefined
  readonly subject?: FailureSubject
  readonly isWorded?: boolean
}

/** Makes the failure of a code with its parameters; a wrong parameter set does not compile. */
export function failure<C extends FailureCode>(code: C, params: FailureParams<C>, note?: string): Failure {
  const detail = (FAILURES[code].detail as (p: FailureParams<C>) => string)(params)
  const passes = FAILURES[code].status === 503 || code === 'idempotency_in_flight'
  const retryAfterSeconds = passes ? 1 : 'seconds' in params && typeof params.seconds === 'number' ? params.seconds : undefined
  return new Failure(code, detail, { note, retryAfterSeconds, subject: subjectOf(params) })
}

/** A failure whose code, status and words the design declares. @param entity the entity that it is about; null for none */
export function declaredFailure({ code, status, message }: DeclaredCode & { readonly message: string }, entity: string | null): Failure {
  return new Failure('refused_by_design', message, { declared: { code, status }, subject: aboutEntity(entity) })
}

/** The failure of a body or parameter set with one or more named problems. */
export function invalid(errors: readonly FieldProblem[], note?: string): Failure {
  return new Failure('validation_failed', FAILURES.validation_failed.detail({ count: errors.length }), { errors, note })
}

/** The message of a failure with its problems, for operators: which part of the input breaks which rule. It holds no values. */
export function refusalText({ message, errors }: Failure): string {
  if (errors.length === 0) return message
  return `${message}: ${errors.map(({ pointer, rule, message: why }) => `${pointer === '' ? 'the input' : pointer} ${why} (${rule})`).join('; ')}`
}

/** The failure of a part of a request; its pointers begin with `pointer`. */
export function ofPart(known: Failure, pointer: string): Failure {
  return pointingTo(known, (inner) => `${pointer}${inner}`)
}

/** The same failure, with each of its pointers converted by `place`. */
export function pointingTo(known: Failure, place: (pointer: string) => string): Failure {
  const errors = known.errors.map((problem) => ({ ...problem, pointer: place(problem.pointer) }))
  return new Failure(known.code, known.detail, { ...restOf(known), errors })
}

/** The failure of one operation in a request with several; its pointers begin with `pointer`. */
export function ofOperation(known: Failure, { operation, pointer }: { readonly operation: number; readonly pointer: string }): Failure {
  const errors = known.errors.map((problem) => ({ ...problem, pointer: `${pointer}${problem.pointer}` }))
  return new Failure(known.code, known.detail, { ...restOf(known), errors, operation })
}

function restOf({ code, publicCode, status, note, retryAfterSeconds, subject, isWorded }: Failure): FailureMore {
  return { note, retryAfterSeconds, subject, isWorded, declared: code === 'refused_by_design' ? { code: publicCode, status } : undefined }
}

/** The problems as answers have them. */
export function shownProblems(errors: readonly FieldProblem[]): readonly Pick<FieldProblem, 'pointer' | 'rule' | 'message'>[] {
  return errors.map(({ pointer, rule, message }) => ({ pointer, rule, message }))
}
