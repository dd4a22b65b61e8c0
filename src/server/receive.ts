/** Reads the parts of a request that its endpoint declares: query string, caller, body and key. */

import { failure } from '../base/failure.ts'
import { unreachable } from '../base/unreachable.ts'
import { type MaybePromise, whenReady } from '../base/waiting/when-ready.ts'
import type { Endpoint } from '../compile/endpoints/endpoint.ts'
import { ANONYMOUS, type Caller, claimOf } from '../model/caller.ts'
import type { Fingerprint } from '../services/idempotency/idempotency.ts'
import { parseBody } from './http/body.ts'
import { callerOf } from './http/caller/authenticate.ts'
import { takeRequest } from './http/caller/take-request.ts'
import { parseForm } from './http/media/form.ts'
import type { HttpRequest } from './http/request.ts'
import { readNothing, splitQuery } from './rest/query-string.ts'
import type { Stack } from './run/stack.ts'
import { readKey } from './write/idempotent.ts'

/** A request as a handler gets it. */
export interface Received {
  readonly request: HttpRequest
  readonly endpoint: Endpoint
  /** Anonymous when the endpoint does not read `Authorization`. */
  readonly caller: Caller
  /** The parsed JSON, or the pairs of a form; undefined without a body. */
  readonly body: unknown
  /** The fingerprint of `Idempotency-Key`; null without the header, or when the endpoint is not idempotent. */
  readonly key: Fingerprint | null
}

/**
 * Checks the query string, then the caller, then the body, then the key.
 *
 * @throws Failure `malformed_request`, `invalid_token`, `wrong_signature`, `not_signed_in`, `too_many_requests`, and those of unknown
 *   parameters.
 */
export function receive(guard: Guard, endpoint: Endpoint, request: HttpRequest): MaybePromise<Received> {
  if (endpoint.parameters.query === 'refused') readNothing(splitQuery(queryOf(request)))
  const find = () => callerAt(guard, endpoint, request)
  return whenReady(endpoint.limit.counted ? takeRequest(guard.rateLimits, request, find) : find(), (caller) => {
    guard.verify?.(request)
    const body = bodyOf(endpoint, request)
    return { request, endpoint, caller, body, key: endpoint.idempotent ? readKey(request, caller, endpoint.parameters.inputs) : null }
  })
}

/** The parts of the stack that the checks before the handler use. */
export interface Guard extends Pick<Stack, 'identity' | 'backends' | 'cookie' | 'rateLimits'> {
  /** Checks the signature of a request; absent where requests need none. @throws Failure `wrong_signature`. */
  readonly verify?: (request: HttpRequest) => void
}

function callerAt(guard: Guard, { auth }: Endpoint, request: HttpRequest): MaybePromise<Caller> {
  switch (auth) {
    case 'none':
      return ANONYMOUS
    case 'optional':
      return callerOf(guard, request)
    case 'required': {
      return whenReady(callerOf(guard, request), requireSignedIn)
    }
    default:
      return unreachable(auth)
  }
}

function requireSignedIn(caller: Caller): Caller {
  if (claimOf(caller, 'id') === null) throw failure('not_signed_in', {})
  return caller
}

function bodyOf(endpoint: Endpoint, { body }: HttpRequest): unknown {
  switch (endpoint.body) {
    case 'none':
    case 'stream':
      return undefined
    case 'optional':
      return body !== null && body.length > 0 ? parsed(endpoint, body) : undefined
    case 'required':
      if (body === null) throw failure('malformed_request', { what: 'the body is missing; send a JSON object as application/json' })
      return parsed(endpoint, body)
    default:
      return unreachable(endpoint.body)
  }
}

function parsed({ accepts }: Endpoint, body: Buffer): unknown {
  return accepts === 'form' ? parseForm(body) : parseBody(body)
}

/** The query string of a request, without the `?`. */
export function queryOf(request: HttpRequest): string {
  const at = request.url.indexOf('?')
  return at < 0 ? '' : request.url.slice(at + 1)
}
