/** Ties the work of a request to its client, which may disconnect before the answer. */

import type { Caller } from '../../model/caller.ts'
import type { Client } from '../../postgres/executor/client.ts'
import { callerKey } from '../http/caller/caller-key.ts'
import type { HttpRequest } from '../http/request.ts'
import type { Stack } from './stack.ts'

/** The client of a request. Requests of one account share a key; anonymous requests share a key by address. */
export function clientOf({ raw, ip }: HttpRequest, caller: Caller): Client {
  return { gone: () => raw.socket?.destroyed === true, key: callerKey(caller, ip) }
}

/**
 * The same stack for the client of a request: once it disconnects, its queued statements are dropped, its running statement is cancelled,
 * and its passwords are not hashed.
 */
export function stackForRequest(stack: Stack, request: HttpRequest, caller: Caller): Stack {
  const client = clientOf(request, caller)
  const { authorization } = request.headers
  return { ...stack, client, authorization, traceId: request.traceId, executor: { ...stack.executor, ...stack.executor.forClient(client) } }
}
