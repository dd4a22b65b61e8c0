/** The interface of REST and GraphQL for the reference: both send the same requests, and one reference checks the answers of both. */

import { type AbstractRequest, httpRequestOf, type SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import type { Expectation } from '../expected/expected.ts'
import type { ReferenceBackend, Sight } from '../expected/reference.ts'

/** The caller of a request and the current rows. */
export interface RequestCaller {
  readonly reference: ReferenceBackend
  readonly user: string | null
  readonly sight: Sight
}

/** A way to send the requests of the reference. */
export interface RequestTransport {
  /** The request in a form that this API can express. Parts that it cannot express are replaced by similar ones. */
  readonly adapt: (caller: RequestCaller, request: AbstractRequest) => AbstractRequest
  /** The expectation for this API, derived from the expectation for REST. */
  readonly expect: (caller: RequestCaller, request: AbstractRequest, expected: Expectation) => Expectation
  /** The HTTP request; `after` is the cursor of the previous page. */
  readonly encode: (caller: RequestCaller, request: AbstractRequest, after: string | null) => SentOverHttp
  /** The answer in the form of REST. The text is unchanged. */
  readonly decode: (caller: RequestCaller, request: AbstractRequest, answer: Answered) => Answered
}

/** Requests in REST. */
export const REST: RequestTransport = {
  adapt: (_, request) => request,
  expect: (_, __, expected) => expected,
  encode({ reference }, request, after) {
    const sent = httpRequestOf(reference.model, request)
    return after === null ? sent : { ...sent, url: `${sent.url}&page[after]=${after}` }
  },
  decode: (_, __, answer) => answer,
}
