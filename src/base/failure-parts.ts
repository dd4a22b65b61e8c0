/** Failures of parts of a request, and their problems as answers have them. */

import { Failure, type FailureMore, type FieldProblem } from './failure.ts'

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
