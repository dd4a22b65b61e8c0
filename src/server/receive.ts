/** Reads the parts of a request that its endpoint declares: query string, caller, body and key. */

import type { FastifyRequest } from 'fastify'
import { failure } from '../base/failure.ts'
import { unreachable } from '../base/unreachable.ts'
import type { Endpoint } from '../compile/endpoints/endpoint.ts'
import { ANONYMOUS, type Caller, claimOf } from '../model/caller.ts'
import type { Fingerprint } from '../services/idempotency/idempotency.ts'
import type { Identity } from '../services/identity/identity.ts'
import { authenticate } from './http/authenticate.ts'
import { parseBody } from './http/body.ts'
import { takeRequest } from './http/rate-limits.ts'
import { readNothing, splitQuery } from './rest/query-string.ts'
import type { Stack } from './run/stack.ts'
import { readKey } from './write/idempotent.ts'

/** A request as a handler gets it. */
export interface Received {
  readonly request: FastifyRequest
  readonly endpoint: Endpoint
  /** Anonymous when the endpoint does not read `Authorization`. */
  readonly caller: Caller
  /** The parsed JSON; undefined without a body. */
  readonly body: unknown
  /** The fingerprint of `Idempotency-Key`; null without the header, or when the endpoint is not idempotent. */
  readonly key: Fingerprint | null
}

/**
 * Checks the query string, then the caller, then the body, then the key.
 *
 * @throws Failure `malformed_request`, `invalid_token`, `not_signed_in`, `too_many_requests`, and those of unknown parameters.
 */
export async function receive(guard: Guard, endpoint: Endpoint, request: FastifyRequest): Promise<Received> {
  if (endpoint.parameters.query === 'refused') readNothing(splitQuery(queryOf(request)))
  const find = () => callerOf(guard.identity, endpoint, request)
  const caller = await (endpoint.limit.counted ? takeRequest(guard.rateLimits, request, find) : find())
  const body = bodyOf(endpoint, request)
  return { request, endpoint, caller, body, key: endpoint.idempotent ? readKey(request, caller) : null }
}

/** The parts of the stack that the checks before the handler use. */
export type Guard = Pick<Stack, 'identity' | 'rateLimits'>

async function callerOf(identity: Identity | null, { auth }: Endpoint, request: FastifyRequest): Promise<Caller> {
  switch (auth) {
    case 'none':
      return ANONYMOUS
    case 'optional':
      return authenticate(identity, request.headers.authorization)
    case 'required': {
      const caller = await authenticate(identity, request.headers.authorization)
      if (claimOf(caller, 'id') === null) throw failure('not_signed_in', {})
      return caller
    }
    default:
      return unreachable(auth)
  }
}

function bodyOf(endpoint: Endpoint, { body }: FastifyRequest): unknown {
  switch (endpoint.body) {
    case 'none':
      return undefined
    case 'optional':
      return Buffer.isBuffer(body) && body.length > 0 ? parseBody(body) : undefined
    case 'required':
      if (!Buffer.isBuffer(body))
        throw failure('malformed_request', { what: 'the body is missing; send a JSON object as application/json' })
      return parseBody(body)
    default:
      return unreachable(endpoint.body)
  }
}

/** The query string of a request, without the `?`. */
export function queryOf(request: FastifyRequest): string {
  const at = request.url.indexOf('?')
  return at < 0 ? '' : request.url.slice(at + 1)
}
