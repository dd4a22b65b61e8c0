/** The interface of REST and GraphQL for the reference: both send the same requests, and one reference checks the answers of both. */

import { type AbstractRequest, httpRequestOf, type Sent } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import type { Expectation } from '../expected/expected.ts'
import type { ReferenceBackend, Sight } from '../expected/reference.ts'

/** The caller of a request and the current rows. */
export interface Speaker {
  readonly reference: ReferenceBackend
  readonly user: string | null
  readonly sight: Sight
}

/** A way to send the requests of the reference. */
export interface Speech {
  /** The request in a form that this API can express. Parts that it cannot express are replaced by similar ones. */
  readonly reword: (speaker: Speaker, request: AbstractRequest) => AbstractRequest
  /** The expectation for this API, derived from the expectation for REST. */
  readonly expect: (speaker: Speaker, request: AbstractRequest, expected: Expectation) => Expectation
  /** The HTTP request; `after` is the cursor of the previous page. */
  readonly say: (speaker: Speaker, request: AbstractRequest, after: string | null) => Sent
  /** The answer in the form of REST. The text is unchanged. */
  readonly understand: (speaker: Speaker, request: AbstractRequest, answer: Answered) => Answered
}

/** Requests in REST. */
export const REST: Speech = {
  reword: (_, request) => request,
  expect: (_, __, expected) => expected,
  say({ reference }, request, after) {
    const sent = httpRequestOf(reference.model, request)
    return after === null ? sent : { ...sent, url: `${sent.url}&page[after]=${after}` }
  },
  understand: (_, __, answer) => answer,
}
