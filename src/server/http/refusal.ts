/** Makes the answers to failures, and the header fields that belong to an answer. */

import type { FastifyError } from 'fastify'
import { Failure, failure } from '../../base/failure.ts'
import type { Answer } from './answer.ts'
import { type Fields, JSON_TYPE, setFields } from './headers.ts'
import type { Observe } from './observe.ts'
import { problemAnswer } from './problem.ts'
import { RateLimited, type RateLimitState, rateLimitHeaders } from './rate-limits.ts'

/** Adds the fields of an answer to those that every answer has. @param rateLimit what the caller has left; null without a limit */
export function addAnswerFields(fields: Fields, { headers, body }: Answer, rateLimit: RateLimitState | null): void {
  if (rateLimit !== null) setFields(fields, rateLimitHeaders(rateLimit))
  if (body !== null) fields.push('content-type', JSON_TYPE)
  setFields(fields, headers)
}

/** Where a request failed. */
export interface Failing {
  readonly traceId: string
  /** Bytes that the body may have. */
  readonly bodyLimit: number
  readonly observe: Observe
  /** The word before access tokens. */
  readonly scheme: string
}

/** The problem for an error. Details that the client must not see go to the log. */
export function problemFor(error: unknown, { traceId, bodyLimit, observe, scheme }: Failing): Answer {
  const known = asFailure(error, bodyLimit)
  if (known === null) observe({ kind: 'defect', error, traceId })
  else if (known.status >= 500 || known.note !== undefined) observe({ kind: 'request-failed', failure: known, traceId })
  return problemAnswer(known ?? error, traceId, scheme)
}

/** The state of the caller's rate limit after an error: the state in the error, or else the last known one. */
export function rateLimitAfter(error: unknown, known: RateLimitState | null): RateLimitState | null {
  return error instanceof RateLimited ? error.state : known
}

/** The failure of the catalogue for an error of the framework; null for a defect. */
function asFailure(error: unknown, bodyLimit: number): Failure | null {
  if (error instanceof Failure) return error
  const { code, statusCode } = error as Partial<FastifyError>
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return failure('body_too_large', { limit: bodyLimit })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return failure('unsupported_media_type', {})
    case 'FST_ERR_BAD_URL':
      return failure('malformed_request', { what: 'the address has a broken percent encoding' })
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return failure('uri_too_long', {})
    default:
      return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
        ? failure('malformed_request', { what: 'the request is malformed' })
        : null
  }
}
