/** Failures as `application/problem+json` (RFC 9457). */

import { Failure, failure } from '../../base/failure.ts'
import type { TextAnswer } from './answer.ts'

/**
 * The answer for a failure. Any other error becomes an internal error without details.
 *
 * @param scheme the word before access tokens, for `WWW-Authenticate`
 */
export function problemAnswer(error: unknown, traceId: string, scheme = 'Bearer'): TextAnswer {
  const known = error instanceof Failure ? error : failure('internal_error', {})
  const body = {
    type: `urn:problem-type:plinth:${known.publicCode}`,
    title: known.title,
    status: known.status,
    detail: known.detail,
    code: known.publicCode,
    traceId,
    ...(known.operation === undefined ? {} : { operation: known.operation }),
    ...(known.errors.length === 0 ? {} : { errors: known.errors }),
  }
  return {
    status: known.status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', ...extraHeaders(known, scheme) },
    body: JSON.stringify(body),
  }
}

function extraHeaders(known: Failure, scheme: string): Readonly<Record<string, string>> {
  if (known.status === 401) return { 'www-authenticate': known.code === 'invalid_token' ? `${scheme} error="invalid_token"` : scheme }
  if (known.retryAfterSeconds !== undefined) return { 'retry-after': String(known.retryAfterSeconds) }
  return {}
}
