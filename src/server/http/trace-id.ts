/** Trace ids of requests. */

import { randomBytes } from 'node:crypto'

/** 80 random bits for each process, so that ids of different processes differ. */
const PREFIX = randomBytes(10).toString('hex')

/** Digits of the counter: enough for 2^48 requests of one process. */
const DIGITS = 12

let made = 0

/** Makes a trace id that no other request has: 32 hexadecimal digits, the random prefix of the process and a counter. */
export function newTraceId(): string {
  made += 1
  return PREFIX + made.toString(16).padStart(DIGITS, '0')
}

/** The trace id of a request: the caller's, from the header `traceparent` (W3C Trace Context), or a new one; 32 hexadecimal digits. */
export function traceIdOf(traceparent: string | readonly string[] | undefined): string {
  const given = typeof traceparent === 'string' ? /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent)?.[1] : undefined
  return given === undefined || /^0+$/.test(given) ? newTraceId() : given
}
