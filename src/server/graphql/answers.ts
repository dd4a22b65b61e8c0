/** Answers in the form of GraphQL over HTTP: for operations that were carried out, and for requests that failed. */

import { Failure } from '../../base/failure.ts'
import type { Answer } from '../http/answer.ts'
import { SECURITY_HEADERS } from '../http/headers.ts'
import type { Observe } from '../http/observe.ts'
import { problemAnswer } from '../http/problem.ts'
import { asFailure, GraphqlRefusal, problemOf } from './documents/problem.ts'
import type { MutationOutcome } from './mutation.ts'

/** In addition to the headers that every answer depends on, an answer depends on `Accept`. */
const VARY = { vary: `${SECURITY_HEADERS.vary}, Accept` }

/** What an answer needs beside its content. */
export interface Framing {
  readonly media: string
  readonly traceId: string
}

/** The answer of a request that was not refused as a whole. */
export function outcomeAnswer(observe: Observe, { data, problems, defects }: MutationOutcome, { media, traceId }: Framing): Answer {
  for (const error of defects) observeFailure(observe, error, traceId)
  const told = problems.map((p) => ({ ...p, extensions: { ...p.extensions, traceId } }))
  const errors = told.length === 0 ? '' : `"errors":${JSON.stringify(told)},`
  return { status: 200, headers: { ...VARY, 'content-type': `${media}; charset=utf-8` }, body: `{${errors}"data":${data}}` }
}

/** The media type of the answer: GraphQL's own for clients that name it before JSON, otherwise JSON. */
export function mediaOf(accept: string | undefined): 'application/graphql-response+json' | 'application/json' {
  if (accept === undefined) return 'application/json'
  const types = accept.split(',').map((part) => part.split(';', 1)[0]?.trim().toLowerCase())
  const own = types.indexOf('application/graphql-response+json')
  const plain = types.indexOf('application/json')
  return own >= 0 && (plain < 0 || own < plain) ? 'application/graphql-response+json' : 'application/json'
}

/**
 * The answer to a request that failed. Without `data`, it was refused before it was carried out; with `data` null, it failed during
 * execution (specification, section 7.1).
 */
export function errorAnswer(
  observe: Observe,
  { error, reached }: { readonly error: unknown; readonly reached: 'request' | 'execution' },
  { media, traceId }: Framing,
): Answer {
  const refused = error instanceof GraphqlRefusal ? error : null
  const known = refused?.failure ?? asFailure(error)
  if (refused === null) observeFailure(observe, error, traceId)
  const errors = (refused?.problems ?? [problemOf(known)]).map((p) => ({ ...p, extensions: { ...p.extensions, traceId } }))
  // A client of plain JSON takes any other status for the answer of an intermediary (GraphQL over HTTP, section 6.4.1).
  const status = media === 'application/json' && refused?.wellFormed === true && known.status === 400 ? 200 : known.status
  const { 'content-type': _, ...headers } = problemAnswer(known, traceId).headers
  const allow = known.code === 'method_not_allowed' ? { allow: 'POST' } : {}
  return {
    status,
    headers: { ...VARY, ...headers, ...allow, 'content-type': `${media}; charset=utf-8` },
    body: JSON.stringify(reached === 'execution' ? { errors, data: null } : { errors }),
  }
}

function observeFailure(observe: Observe, error: unknown, traceId: string): void {
  if (!(error instanceof Failure)) observe({ kind: 'defect', error, traceId })
  else if (error.status >= 500 || error.note !== undefined) observe({ kind: 'request-failed', failure: error, traceId })
}
