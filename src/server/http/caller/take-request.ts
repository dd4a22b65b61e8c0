/** Takes a request from the rate limit of its caller. */

import type { MaybePromise } from '../../../base/waiting/when-ready.ts'
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
export function takeRequest(limits: RateLimits, request: HttpRequest, find: () => MaybePromise<Caller>): MaybePromise<Caller> {
  return limits.has('requests') ? takeLimited(limits, request, find) : find()
}

async function takeLimited(limits: RateLimits, request: HttpRequest, find: () => MaybePromise<Caller>): Promise<Caller> {
  let caller: Caller
  try {
    caller = await find()
  } catch (error) {
    await takeFor(limits, request, ANONYMOUS)
    throw error
  }
  await takeFor(limits, request, caller)
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
