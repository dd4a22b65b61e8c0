/** The body of failures: Problem Details (RFC 9457), or the tree that the design gives. */

import type { Failure } from '../../base/failure.ts'
import type { ErrorFormat } from '../../model/errors/error-format.ts'
import { type ErrorNames, openTree } from './error-body.ts'
import { type ShownFailure, saidOf } from './shown-failure.ts'

/** How the body of a failure is made. */
export interface FailureBody {
  readonly media: 'application/problem+json' | 'application/json'
  /** Makes the body as a JSON value. */
  readonly write: (known: Failure, shown: ShownFailure, traceId: string) => unknown
}

/** Makes the body of failures. @param format null for the form of Plinth */
export function openFailureBody(format: ErrorFormat | null): FailureBody {
  if (format === null || format.answer === null) return { media: 'application/problem+json', write: problemDetails }
  const write = openTree(format.answer)
  return {
    media: 'application/json',
    write: (known, shown, traceId) => {
      const names: ErrorNames = new Map(Object.entries({ ...saidOf(format, known, shown), traceId }))
      return write(names)
    },
  }
}

function problemDetails(known: Failure, { status, detail, errors }: ShownFailure, traceId: string): unknown {
  return {
    type: `urn:problem-type:plinth:${known.publicCode}`,
    title: known.title,
    status,
    detail,
    code: known.publicCode,
    traceId,
    ...(known.operation === undefined ? {} : { operation: known.operation }),
    ...(errors.length === 0 ? {} : { errors }),
  }
}
