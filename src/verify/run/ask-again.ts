/** Requests that the backend has no time for are sent again: a slow machine is no fault of the backend. */

import { setTimeout } from 'node:timers/promises'
import { type Answered, NO_ANSWER } from '../expected/answered.ts'
import type { SentRequest } from './stage.ts'

/** How often a read is sent again, by the status of its answer, and after how many milliseconds. */
const MOST_REPEATS: ReadonlyMap<number, number> = new Map([
  [503, 3],
  [NO_ANSWER, 1],
])
const PAUSE_MS = 400

/**
 * Sends a request. A read that is answered 503 is sent again, at most three times, and one without an answer once: a connection that was
 * kept open may have just ended. So is a write that is answered 503 `overloaded`, which has done nothing. The last answer counts.
 */
export async function askAgain(ask: (sent: SentRequest) => Promise<Answered>, sent: SentRequest): Promise<Answered> {
  let answer = await ask(sent)
  for (let n = 0; n < (MOST_REPEATS.get(answer.status) ?? 0) && (isRead(sent) || isRefusedUnread(answer)); n++) {
    await setTimeout(PAUSE_MS)
    answer = await ask(sent)
  }
  return answer
}

/** Whether the backend has refused a request before it did anything for it. */
function isRefusedUnread({ status, json }: Answered): boolean {
  return status === 503 && json?.code === 'overloaded'
}

function isRead({ method, url, body }: SentRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return true
  const { query } = (typeof body === 'object' && body !== null ? body : {}) as { readonly query?: unknown }
  return url.endsWith('/graphql') && typeof query === 'string' && !/^\s*mutation\b/.test(query)
}
