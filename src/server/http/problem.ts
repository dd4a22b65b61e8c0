/** Failures as answers: as `application/problem+json` (RFC 9457), or in the form of the design. */

import { Failure, failure } from '../../base/failure.ts'
import { openFailureBody } from '../../compile/errors/failure-body.ts'
import { shownFailure } from '../../compile/errors/shown-failure.ts'
import type { ErrorFormat } from '../../model/errors/error-format.ts'
import type { TextAnswer } from './answer.ts'

/** Makes the answer for a failure. Any other error becomes an internal error without details. */
export type AnswerFailure = (error: unknown, traceId: string) => FailureAnswer

/** The answer to a failure, and what it tells. */
export interface FailureAnswer extends TextAnswer {
  readonly detail: string
}

/** The form of the failures of a backend. */
export interface FailureOptions {
  /** Null for the form of Plinth. */
  readonly format: ErrorFormat | null
  /** The word before access tokens, for `WWW-Authenticate`. */
  readonly scheme: string
}

/** Makes the function that answers the failures of a backend. */
export function openFailureAnswers({ format, scheme }: FailureOptions): AnswerFailure {
  const { media, write } = openFailureBody(format)
  const type = `${media}; charset=utf-8`
  return (error, traceId) => {
    const known = error instanceof Failure ? error : failure('internal_error', {})
    const shown = shownFailure(format, known)
    const body = JSON.stringify(write(known, shown, traceId))
    return {
      status: shown.status,
      headers: { 'content-type': type, ...failureHeaders(known, shown.status, scheme) },
      body,
      detail: shown.detail,
    }
  }
}

/** Answers a failure in the form of Plinth. */
export const problemAnswer: AnswerFailure = openFailureAnswers({ format: null, scheme: 'Bearer' })

/**
 * The header fields of a failure. An answer with 401 says how to sign in (RFC 9110 section 11.6.1), whatever the failure is; no other
 * status does. @param scheme the word before access tokens
 */
export function failureHeaders(known: Failure, status: number, scheme: string): Readonly<Record<string, string>> {
  const challenge =
    status === 401 ? { 'www-authenticate': known.code === 'invalid_token' ? `${scheme} error="invalid_token"` : scheme } : {}
  return known.retryAfterSeconds === undefined ? challenge : { ...challenge, 'retry-after': String(known.retryAfterSeconds) }
}
