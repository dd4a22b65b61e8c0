/** Takes a request from the rate limit of its caller. */

import { ANONYMOUS, type Caller } from '../../../model/caller.ts'
import { RateLimited, type RateLimits } from '../rate-limits.ts'
import type { HttpRequest } from '../request.ts'
import { callerKey } from './caller-key.ts'

/**
 * Finds the caller of a request and takes the request from the limit of that caller. A request with a refused token counts for its
 * address.
 *
 * @throws Failure `too_many_requests`, and what `find` throws.
 */
export async function takeRequest(limits: RateLimits, request: HttpRequest, find: () => Caller | Promise<Caller>): Promise<Caller> {
  let caller: Caller
  try {
    const found = find()
    caller = found instanceof Promise ? await found : found
  } catch (error) {
    if (limits.has('requests')) await takeFor(limits, request, ANONYMOUS)
    throw error
  }
  if (limits.has('requests')) await takeFor(limits, request, caller)
  return caller
}

async function takeFor(limits: RateLimits, request: HttpRequest, caller: Caller): Promise<void> {
  try {
    request.rateLimit = await limits.take('requests', callerKey(caller, request.ip))
  } catch (error) {
    if (error instanceof RateLimited) request.rateLimit = error.state
    throw error
  }
}
