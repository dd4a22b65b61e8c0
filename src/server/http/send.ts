/** Sends answers and failures. */

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { utf8Length } from '../../base/bytes/utf8.ts'
import { Failure, failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Answer } from './answer.ts'
import { JSON_TYPE } from './headers.ts'
import type { Observe } from './observe.ts'
import { problemAnswer } from './problem.ts'
import { noteRateLimit, RateLimited, rateLimitHeaders, rateLimitOf } from './rate-limits.ts'

/** Sends an answer; for HEAD without the body. */
export function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status)
  const state = rateLimitOf(request)
  if (state !== undefined) reply.headers(rateLimitHeaders(state))
  if (answer.body !== null) reply.header('content-type', JSON_TYPE)
  reply.headers(answer.headers)
  if (request.method !== 'HEAD' || answer.body === null) return reply.send(answer.body ?? undefined)
  return reply.header('content-length', utf8Length(answer.body)).send()
}

/** Sends the problem for an error. Details that the client must not see go to the log. */
export function sendProblem(reply: FastifyReply, error: unknown, observe: Observe): FastifyReply {
  const { request } = reply
  if (error instanceof RateLimited) noteRateLimit(request, error.state)
  const known = asFailure(error, request)
  if (known === null) observe({ kind: 'defect', error, traceId: request.id })
  else if (known.status >= 500 || known.note !== undefined) observe({ kind: 'request-failed', failure: known, traceId: request.id })
  return send(request, reply, problemAnswer(known ?? error, request.id))
}

/** The failure of the catalogue for an error of the framework; null for a defect. */
function asFailure(error: unknown, request: FastifyRequest): Failure | null {
  if (error instanceof Failure) return error
  const { code, statusCode } = error as Partial<FastifyError>
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return failure('body_too_large', { limit: request.routeOptions.bodyLimit ?? LIMITS.bodyBytes })
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
