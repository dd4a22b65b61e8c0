/** The body of failures: Problem Details (RFC 9457), or the tree that the design gives. */

import type { Failure } from '../../base/failure.ts'
import type { ErrorFormat } from '../../model/errors/error-format.ts'
import { type ErrorNames, openTree } from './error-body.ts'
import { type ShownFailure, saidOf } from './shown-failure.ts'

/** The request that failed. */
export interface FailedRequest {
  readonly traceId: string
  /** The path of its address; empty for a request that has none. */
  readonly path: string
  /** When its answer is made (RFC 3339). */
  readonly time: string
}

/** How the body of a failure is made. */
export interface FailureBody {
  readonly media: 'application/problem+json' | 'application/json'
  /** Makes the body as a JSON value. */
  readonly write: (known: Failure, shown: ShownFailure, request: FailedRequest) => unknown
}

/** Makes the body of failures. @param format null for the form of Plinth */
export function openFailureBody(format: ErrorFormat | null): FailureBody {
  if (format === null || format.answer === null) return { media: 'application/problem+json', write: problemDetails }
  const write = openTree(format.answer)
  return {
    media: 'application/json',
    write: (known, shown, request) => {
      const names: ErrorNames = new Map(Object.entries({ ...saidOf(format, known, shown), ...request }))
      return write(names)
    },
  }
}

function problemDetails(known: Failure, { status, detail, errors }: ShownFailure, { traceId }: FailedRequest): unknown {
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
