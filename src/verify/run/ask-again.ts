/** Reads that the backend has no time for are sent again: a slow machine is no fault of the backend. */

import { setTimeout } from 'node:timers/promises'
import type { Answered } from '../expected/answered.ts'
import type { SentRequest } from './stage.ts'

/** How often a read is sent again, and after how many milliseconds. */
const MOST_REPEATS = 3
const PAUSE_MS = 400

/** Sends a request. A read that is answered 503 is sent again, at most three times; the last answer counts. */
export async function askAgain(ask: (sent: SentRequest) => Promise<Answered>, sent: SentRequest): Promise<Answered> {
  let answer = await ask(sent)
  for (let n = 0; n < MOST_REPEATS && answer.status === 503 && isRead(sent); n++) {
    await setTimeout(PAUSE_MS)
    answer = await ask(sent)
  }
  return answer
}

function isRead({ method, url, body }: SentRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return true
  const { query } = (typeof body === 'object' && body !== null ? body : {}) as { readonly query?: unknown }
  return url.endsWith('/graphql') && typeof query === 'string' && !/^\s*mutation\b/.test(query)
}
