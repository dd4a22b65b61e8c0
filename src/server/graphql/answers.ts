/** Makes answers in the form of GraphQL over HTTP, for executed operations and for failed requests. */

import { between, type Utf8 } from '../../base/bytes/utf8.ts'
import { Failure } from '../../base/failure.ts'
import { shownFailure } from '../../compile/errors/shown-failure.ts'
import type { ErrorFormat } from '../../model/errors/error-format.ts'
import type { Answer, TextAnswer } from '../http/answer.ts'
import { SECURITY_HEADERS } from '../http/headers.ts'
import type { Observe } from '../http/observe.ts'
import { failureHeaders } from '../http/problem.ts'
import { asFailure, GraphqlRefusal, type OperationOutcome, problemOf } from './documents/problem.ts'

/** A GraphQL answer depends on `Accept` and on the headers that every answer depends on. */
const VARY = { vary: `${SECURITY_HEADERS.vary}, Accept` }

/** The media type and trace id of an answer. */
export interface Framing {
  readonly media: string
  readonly traceId: string
  /** The word before access tokens. */
  readonly scheme: string
}

/** Where failures are logged, and in which form the design shows them. */
export interface Reporting {
  readonly observe: Observe
  readonly format: ErrorFormat | null
}

/** The answer to an executed operation; some of its fields may have failed. */
export function outcomeAnswer<B extends string | Utf8>(
  { observe, format }: Reporting,
  { data, problems, defects }: OperationOutcome<B>,
  { media, traceId }: Framing,
): Answer<B> {
  for (const error of defects) observeFailure(observe, error, traceId)
  const told = problems.map((problem) => tell(problem, format, traceId))
  const errors = told.length === 0 ? '' : `"errors":${JSON.stringify(told)},`
  return { status: 200, headers: { ...VARY, 'content-type': `${media}; charset=utf-8` }, body: dataBody(`{${errors}"data":`, data) }
}

/** Puts data into its answer, in the form of the data. There are no errors beside data of bytes, so `before` is ASCII then. */
function dataBody<B extends string | Utf8>(before: string, data: B): B
function dataBody(before: string, data: string | Utf8): string | Utf8 {
  return typeof data === 'string' ? `${before}${data}}` : between(before, data, '}')
}

/** The media type of the answer: GraphQL's own if `Accept` prefers it to JSON, otherwise JSON. */
export function mediaOf(accept: string | undefined): 'application/graphql-response+json' | 'application/json' {
  if (accept === undefined) return 'application/json'
  const types = accept.split(',').map((part) => part.split(';', 1)[0]?.trim().toLowerCase())
  const own = types.indexOf('application/graphql-response+json')
  const plain = types.indexOf('application/json')
  return own >= 0 && (plain < 0 || own < plain) ? 'application/graphql-response+json' : 'application/json'
}

/**
 * The answer to a failed request. It has no `data` when the request was refused before execution, and `data: null` when the execution
 * failed (specification, section 7.1).
 */
export function errorAnswer(
  { observe, format }: Reporting,
  { error, reached }: { readonly error: unknown; readonly reached: 'request' | 'execution' },
  { media, traceId, scheme }: Framing,
): TextAnswer {
  const refused = error instanceof GraphqlRefusal ? error : null
  const known = refused?.failure ?? asFailure(error)
  if (refused === null) observeFailure(observe, error, traceId)
  const errors = (refused?.problems ?? [problemOf(known)]).map((problem) => tell(problem, format, traceId))
  // Clients of plain JSON expect 200; they treat any other status as the answer of a proxy (GraphQL over HTTP, section 6.4.1).
  const status = media === 'application/json' && refused?.wellFormed === true && known.status === 400 ? 200 : known.status
  const allow = known.code === 'method_not_allowed' ? { allow: 'POST' } : {}
  return {
    status,
    headers: { ...VARY, ...failureHeaders(known, known.status, scheme), ...allow, 'content-type': `${media}; charset=utf-8` },
    body: JSON.stringify(reached === 'execution' ? { errors, data: null } : { errors }),
  }
}

type Told = OperationOutcome['problems'][number]

/** An entry of `errors` with the messages of the design. Its code and the status of the answer stay those of GraphQL. */
function tell({ failure: known, ...problem }: Told, format: ErrorFormat | null, traceId: string): Told {
  const extensions = { ...problem.extensions, traceId }
  if (known === undefined) return { ...problem, extensions }
  const { detail, errors } = shownFailure(format, known)
  return { ...problem, message: detail, extensions: { ...extensions, ...(errors.length === 0 ? {} : { errors }) } }
}

function observeFailure(observe: Observe, error: unknown, traceId: string): void {
  if (!(error instanceof Failure)) observe({ kind: 'defect', error, traceId })
  else observe({ kind: 'request-failed', failure: error, traceId })
}
