/**
 * How a request is said and an answer understood: the same requests go through REST and through GraphQL, and one
 * reference expects the answers of both.
 */

import type { Answered } from '../../support/backend.ts'
import type { Expectation } from '../reference/expected.ts'
import type { Reference, Sight } from '../reference/reference.ts'
import { type AbstractRequest, type Sent, sentOf } from './abstract-request.ts'

/** Who says it, and what is there at that moment. */
export interface Speaker {
  readonly reference: Reference
  readonly user: string | null
  readonly sight: Sight
}

export interface Speech {
  /** The request as it can be said here: what there are no words for becomes the nearest thing that there are words for. */
  readonly reword: (speaker: Speaker, request: AbstractRequest) => AbstractRequest
  /** What is expected of a request that can be said here, from what is expected of it in REST. */
  readonly expect: (speaker: Speaker, request: AbstractRequest, expected: Expectation) => Expectation
  /** What goes over the wire; `after` is the cursor of the page before. */
  readonly say: (speaker: Speaker, request: AbstractRequest, after: string | null) => Sent
  /** The answer as REST would have given it. The text stays as it is. */
  readonly understand: (speaker: Speaker, request: AbstractRequest, answer: Answered) => Answered
}

export const REST: Speech = {
  reword: (_, request) => request,
  expect: (_, __, expected) => expected,
  say({ reference }, request, after) {
    const sent = sentOf(reference.model, request)
    return after === null ? sent : { ...sent, url: `${sent.url}&page[after]=${after}` }
  },
  understand: (_, __, answer) => answer,
}
