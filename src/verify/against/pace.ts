/** Sends requests at a bounded rate, waits where the server asks for it, and stops after a number of requests. */

import type { Answered } from '../expected/answered.ts'

/** No more requests may be sent. */
export class OutOfRequests extends Error {
  override readonly name = 'OutOfRequests'
}

/** How fast and how much. */
export interface Pace {
  /** The most requests a second. */
  readonly perSecond: number
  /** The most requests of a run. */
  readonly most: number
  /** Milliseconds, as `performance.now`. */
  readonly now: () => number
  /** Waits for some milliseconds. */
  readonly sleep: (ms: number) => Promise<void>
}

/** A sender with a pace. */
export interface Paced<T> {
  readonly send: (request: T) => Promise<Answered>
  /** How many requests were sent, with repetitions. */
  readonly count: () => number
}

/** How often one request is sent again because the server has asked to wait. */
const REPETITIONS = 3
/** A server that asks for a longer wait is not waited for. */
const LONGEST_WAIT_MS = 60_000
/** What is waited where 429 has no `Retry-After`. */
const USUAL_WAIT_MS = 1_000

/**
 * Wraps a sender. After an answer 429, or 503 with `Retry-After`, all requests wait as long as it asks. The request is sent again up to
 * three times; then it is the answer.
 */
export function paced<T>(ask: (request: T) => Promise<Answered>, { perSecond, most, now, sleep }: Pace): Paced<T> {
  let sent = 0
  let next = 0
  const turn = async (): Promise<void> => {
    if (sent >= most) throw new OutOfRequests(`${most} requests were sent`)
    sent++
    const at = Math.max(now(), next)
    next = at + 1_000 / perSecond
    const wait = at - now()
    if (wait > 0) await sleep(wait)
  }
  return {
    async send(request) {
      for (let again = 0; ; again++) {
        await turn()
        const answer = await ask(request)
        const wait = waitAsked(answer)
        if (wait === null || wait > LONGEST_WAIT_MS || again === REPETITIONS) return answer
        next = Math.max(next, now() + wait)
      }
    },
    count: () => sent,
  }
}

/** The milliseconds that an answer asks to wait (RFC 9110, 10.2.3); null where it does not. */
function waitAsked({ status, headers }: Answered): number | null {
  const asked = headers['retry-after']
  if (status !== 429 && (status !== 503 || asked === undefined)) return null
  const text = String(asked ?? '')
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  const date = Date.parse(text)
  return Number.isNaN(date) ? USUAL_WAIT_MS : Math.max(0, date - Date.now())
}
