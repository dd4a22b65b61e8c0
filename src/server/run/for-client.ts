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
 * The same stack for one client: once it disconnects, its queued statements are dropped, its running statement is cancelled, and its
 * passwords are not hashed.
 */
export function stackFor(stack: Stack, client: Client): Stack {
  return { ...stack, client, executor: { ...stack.executor, ...stack.executor.forClient(client) } }
}

/** The same stack for the client of a request, with the access token of the request, which answers of actions may show. */
export function stackForRequest(stack: Stack, request: HttpRequest, caller: Caller): Stack {
  const own = stackFor(stack, clientOf(request, caller))
  // The header was checked, so what follows the first word is the token.
  const token = caller.session === null ? undefined : request.headers.authorization?.trim().split(/ +/)[1]
  return token === undefined ? own : { ...own, token }
}
