/** Failures as answers: as `application/problem+json` (RFC 9457), in the form of the design, or as pages. */

import { Failure, failure } from '../../base/failure.ts'
import { openFailureBody } from '../../compile/errors/failure-body.ts'
import { saidOf, shownFailure } from '../../compile/errors/shown-failure.ts'
import type { HtmlTemplate } from '../../model/address/page.ts'
import type { ErrorFormat } from '../../model/errors/error-format.ts'
import type { TextAnswer } from './answer.ts'
import { type FailurePage, failurePage } from './media/failure-page.ts'

/** Makes the answer for a failure. Any other error becomes an internal error without details. */
export type AnswerFailure = (error: unknown, of: Failed) => TextAnswer

/** The request that failed, and how its failure is answered. */
export interface Failed {
  readonly traceId: string
  /** Path and query; empty for a request without. */
  readonly url: string
  /** For a client that gets a page: that of the action, or `usual`. */
  readonly page?: FailurePage | 'usual'
}

/** The form of the failures of a backend. */
export interface FailureOptions {
  /** Null for the form of Plinth. */
  readonly format: ErrorFormat | null
  /** The word before access tokens, for `WWW-Authenticate`. */
  readonly scheme: string
  /** The page of the design; null for that of Plinth. */
  readonly template: HtmlTemplate | null
}

/** Makes the function that answers the failures of a backend. */
export function openFailureAnswers({ format, scheme, template }: FailureOptions): AnswerFailure {
  const { media, write } = openFailureBody(format)
  const type = `${media}; charset=utf-8`
  return (error, { traceId, url, page }) => {
    const known = error instanceof Failure ? error : failure('internal_error', {})
    const shown = shownFailure(format, known)
    if (page !== undefined && shown.redirect !== null) return { status: 302, headers: { location: shown.redirect }, body: null }
    const headers = failureHeaders(known, shown.status, scheme)
    const request = { traceId, path: url.split('?', 1)[0] ?? '', time: new Date().toISOString() }
    if (page !== undefined) {
      const said = { ...saidOf(format, known, shown), ...request }
      return failurePage(said, headers, page === 'usual' ? { template, sent: {} } : page)
    }
    return { status: shown.status, headers: { 'content-type': type, ...headers }, body: JSON.stringify(write(known, shown, request)) }
  }
}

/** Answers a failure in the form of Plinth. */
export const problemAnswer: AnswerFailure = openFailureAnswers({ format: null, scheme: 'Bearer', template: null })

/**
 * The header fields of a failure. An answer with 401 says how to sign in (RFC 9110 section 11.6.1), whatever the failure is; no other
 * status does. @param scheme the word before access tokens
 */
export function failureHeaders(known: Failure, status: number, scheme: string): Readonly<Record<string, string>> {
  const challenge =
    status === 401 ? { 'www-authenticate': known.code === 'invalid_token' ? `${scheme} error="invalid_token"` : scheme } : {}
  return known.retryAfterSeconds === undefined ? challenge : { ...challenge, 'retry-after': String(known.retryAfterSeconds) }
}
