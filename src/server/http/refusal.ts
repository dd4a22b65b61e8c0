/** Makes the answers to failures, and the header fields that belong to an answer. */

import type { FastifyError } from 'fastify'
import { Failure, failure } from '../../base/failure.ts'
import type { Endpoint } from '../../compile/endpoints/endpoint.ts'
import type { Answer } from './answer.ts'
import { type Fields, JSON_TYPE, setFields } from './headers.ts'
import { prefersPage } from './media/accept-type.ts'
import type { FailurePage } from './media/failure-page.ts'
import type { Observe } from './observe.ts'
import type { AnswerFailure } from './problem.ts'
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
  /** Path and query of the request. */
  readonly url: string
  /** Bytes that the body may have. */
  readonly bodyLimit: number
  readonly observe: Observe
  readonly answerFailure: AnswerFailure
  /** The media type that the body should have. */
  readonly bodyMedia: string
  /** Whether the client gets a page. */
  readonly page: boolean
}

/** Where a request to an endpoint failed. */
export function failingOf(
  endpoint: Pick<Endpoint, 'answers' | 'accepts'> & { readonly limit: Pick<Endpoint['limit'], 'bodyBytes'> },
  { accept, ...failing }: Pick<Failing, 'traceId' | 'url' | 'observe' | 'answerFailure'> & { readonly accept: string | undefined },
): Failing {
  const { accepts, limit } = endpoint
  return { ...failing, bodyLimit: limit.bodyBytes, bodyMedia: bodyMedia(accepts), page: getsPage(endpoint, accept) }
}

/** Whether a client of an endpoint gets failures as pages: a browser where pages, redirects or forms are. */
export function getsPage({ answers, accepts }: Pick<Endpoint, 'answers' | 'accepts'>, accept: string | undefined): boolean {
  return (answers === 'html' || answers === 'redirect' || accepts === 'form') && prefersPage(accept)
}

/** The media type of the bodies that an endpoint takes. */
export function bodyMedia(accepts: Endpoint['accepts']): string {
  return accepts === 'form' ? 'application/x-www-form-urlencoded' : 'application/json'
}

/** An error with the page that its action has for failures. */
export class FailedWithPage extends Error {
  readonly page: FailurePage

  constructor(error: unknown, page: FailurePage) {
    super('failed with a page', { cause: error })
    this.page = page
  }
}

/** The answer to an error, or a page that says the same. Details that the client must not see go to the log. */
export function problemFor(thrown: unknown, { page, ...failing }: Failing): Answer {
  const { traceId, url, observe, answerFailure } = failing
  const own = thrown instanceof FailedWithPage ? thrown.page : 'usual'
  const error = causeOf(thrown)
  const known = asFailure(error, failing)
  if (known === null) observe({ kind: 'defect', error, traceId })
  else observe({ kind: 'request-failed', failure: known, traceId })
  const shown = known ?? failure('internal_error', {})
  return answerFailure(shown, page ? { traceId, url, page: own } : { traceId, url })
}

/** The state of the caller's rate limit after an error: the state in the error, or else the last known one. */
export function rateLimitAfter(thrown: unknown, known: RateLimitState | null): RateLimitState | null {
  const error = causeOf(thrown)
  return error instanceof RateLimited ? error.state : known
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof FailedWithPage ? thrown.cause : thrown
}

/** The failure of the catalogue for an error of the framework; null for a defect. */
function asFailure(error: unknown, { bodyLimit, bodyMedia: media }: Pick<Failing, 'bodyLimit' | 'bodyMedia'>): Failure | null {
  if (error instanceof Failure) return error
  const { code, statusCode } = error as Partial<FastifyError>
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return failure('body_too_large', { limit: bodyLimit })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return failure('unsupported_media_type', { media })
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
