/** Counts the large bodies and answers of routes, together with those of Plinth's own endpoints. */

import type { ServerResponse } from 'node:http'
import { finished } from 'node:stream'
import { isLargeBody, type LargeBodies } from '../http/large-bodies.ts'
import type { HttpRequest } from '../http/request.ts'
import type { LargeAnswers } from '../run/large-answers.ts'

/** The counts of a backend. */
export interface SizeCounts {
  readonly largeBodies: LargeBodies
  readonly largeAnswers: LargeAnswers
}

/** A request and its answer. */
export interface Exchange {
  readonly http: HttpRequest
  readonly response: ServerResponse
}

/**
 * Waits until there is room for a body, which is then counted until its request is answered: a handler may answer after it has returned.
 *
 * @throws Failure `overloaded` when there is no room in time.
 */
export async function admitBody({ largeBodies }: SizeCounts, bytes: number, { response }: Exchange): Promise<void> {
  if (!isLargeBody(bytes)) return
  const admitted = Promise.withResolvers<void>()
  const answered = (): Promise<void> => {
    admitted.resolve()
    return new Promise((resolve) => (response.destroyed ? resolve() : void finished(response, () => resolve())))
  }
  Promise.resolve(largeBodies.admit(bytes, answered)).catch(admitted.reject)
  await admitted.promise
}

/**
 * Counts the bytes of an answer until the client has taken them. A stream is not counted: it waits for the client by itself.
 *
 * @throws Failure `overloaded` when the answers under way leave no room for the answer to a request that only reads.
 */
export function countAnswer({ largeAnswers }: SizeCounts, payload: unknown, { http, response }: Exchange): void {
  const bytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload instanceof Uint8Array ? payload.byteLength : 0
  if (http.method === 'GET' || http.method === 'HEAD') largeAnswers.require(bytes, http)
  largeAnswers.hold(bytes, http, response)
}
