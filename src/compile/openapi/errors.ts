/** Errors in an OpenAPI document: one response per status, from the catalogue of failures. */

import { declaredFailure, type Failure, failure, invalid } from '../../base/failure.ts'
import { FAILURES } from '../../base/failures/failure-catalogue.ts'
import type { ErrorStatus } from '../endpoints/endpoint.ts'
import { openFailureBody } from '../errors/failure-body.ts'
import { shownFailure } from '../errors/shown-failure.ts'
import { componentRef, type JsonObject } from './component-names.ts'
import type { ApiLimits } from './scope.ts'
import { SERVICE_CODES } from './service-failures.ts'

interface StatusFacts {
  /** Component key. */
  readonly name: string
  /** One failure of this status, for an example. */
  readonly example: (limits: ApiLimits) => Failure
  readonly headers?: readonly ('RetryAfter' | 'WwwAuthenticate')[]
}

const STATUSES = {
  400: { name: 'BadRequest', example: () => invalid([{ pointer: '/name', rule: 'required', message: 'is required' }]) },
  401: { name: 'Unauthorized', example: () => failure('not_signed_in', {}), headers: ['WwwAuthenticate'] },
  403: { name: 'Forbidden', example: () => failure('forbidden', { what: 'do this', rule: null, entity: null }) },
  404: { name: 'NotFound', example: () => failure('not_found', { entity: 'row' }) },
  405: { name: 'MethodNotAllowed', example: () => failure('method_not_allowed', { allow: 'GET, HEAD, OPTIONS' }) },
  406: { name: 'NotAcceptable', example: () => failure('not_acceptable', { media: 'application/json' }) },
  408: { name: 'RequestTimeout', example: () => failure('upload_too_slow', {}) },
  409: { name: 'Conflict', example: () => failure('write_conflict', {}), headers: ['RetryAfter'] },
  412: { name: 'PreconditionFailed', example: () => failure('stale_version', { entity: 'row' }) },
  413: { name: 'ContentTooLarge', example: (limits) => failure('body_too_large', { limit: limits.bodyBytes }) },
  414: { name: 'UriTooLong', example: () => failure('uri_too_long', {}) },
  415: { name: 'UnsupportedMediaType', example: () => failure('unsupported_media_type', { media: 'application/json' }) },
  416: { name: 'RangeNotSatisfiable', example: () => failure('range_not_satisfiable', { size: 1024 }) },
  422: { name: 'UnprocessableContent', example: () => failure('idempotency_mismatch', {}) },
  429: { name: 'TooManyRequests', example: () => failure('too_many_requests', { seconds: 30 }), headers: ['RetryAfter'] },
  431: { name: 'HeadersTooLarge', example: () => failure('headers_too_large', {}) },
  500: { name: 'InternalError', example: () => failure('internal_error', {}) },
  503: { name: 'Unavailable', example: () => failure('overloaded', {}), headers: ['RetryAfter'] },
} as const satisfies Readonly<Record<ErrorStatus, StatusFacts>>

/** References to error responses, by status in ascending order. */
export function errorResponses(statuses: readonly ErrorStatus[]): JsonObject {
  return Object.fromEntries(statuses.toSorted((a, b) => a - b).map((status) => [status, componentRef('responses', STATUSES[status].name)]))
}

/** The components that `errorResponses` refers to. */
export function errorComponents(limits: ApiLimits): JsonObject {
  return Object.fromEntries(
    Object.entries(STATUSES).map(([status, facts]: [string, StatusFacts]) => {
      const headers = (facts.headers ?? []).map((name) => [HEADER_NAMES[name], componentRef('headers', name)])
      const response = {
        description: describe(Number(status)),
        ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
        content: {
          'application/problem+json': { schema: componentRef('schemas', 'Problem'), example: problemExample(facts.example(limits)) },
        },
      }
      return [facts.name, response]
    }),
  )
}

const HEADER_NAMES = { RetryAfter: 'Retry-After', WwwAuthenticate: 'WWW-Authenticate' } as const

/** Headers that responses refer to. */
export const HEADERS = {
  RetryAfter: { description: 'Seconds after which to try again.', schema: { type: 'integer', minimum: 0 }, example: 1 },
  WwwAuthenticate: { description: 'How to authenticate (RFC 6750).', schema: { type: 'string' }, example: 'Bearer' },
  ETag: {
    description:
      'Version of the row as this caller sees it. Send it back as `If-Match` to change only what you have seen, ' +
      'or as `If-None-Match` to read only what has changed.',
    schema: { type: 'string' },
    example: '"3.Yk3Jt0aVgq2R"',
  },
  Location: { description: 'Address of the new row.', schema: { type: 'string', format: 'uri-reference' }, example: '/api/rows/1' },
  IdempotencyReplayed: {
    description: 'Present if this is the answer to an earlier request with the same Idempotency-Key.',
    schema: { type: 'string', enum: ['true'] },
  },
  PreferenceApplied: {
    description: 'Present if `Prefer: return=minimal` was followed.',
    schema: { type: 'string' },
    example: 'return=minimal',
  },
  Link: {
    description: 'Address of the next page (RFC 8288); absent on the last.',
    schema: { type: 'string' },
    example: '</api/rows?page%5Bafter%5D=WyIi>; rel="next"',
  },
} as const satisfies Record<string, JsonObject>

/** The meaning of a status: the titles of its failures. */
function describe(status: number): string {
  const titles = [
    ...new Set(Object.entries(FAILURES).flatMap(([code, facts]) => (facts.status === status && CODES.includes(code) ? [facts.title] : []))),
  ]
  return `${titles.join(', ')}.`
}

const PROBLEM_DETAILS = openFailureBody(null)

function problemExample(example: Failure): unknown {
  return PROBLEM_DETAILS.write(example, shownFailure(null, example), EXAMPLE_REQUEST)
}

/** The form of a trace id (W3C Trace Context, 3.2.2.3). */
const TRACE_ID = '^[0-9a-f]{32}$'

/** The request of examples. */
export const EXAMPLE_REQUEST = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', path: '/', time: '2026-01-31T09:30:00.000Z' } as const

/** The problem of a code that the design declares, as an example. */
export function problemExampleOf(declared: Parameters<typeof declaredFailure>[0]): unknown {
  return problemExample(declaredFailure(declared, null))
}

/** The codes of failures of every backend, without the one that stands for the codes of a design. */
const CODES = Object.keys(FAILURES).filter((code) => code !== 'refused_by_design' && !SERVICE_CODES.includes(code))

/** The body of every error (RFC 9457). `declared`: the codes of the design, and those of its services. */
export function problemSchemas(declared: readonly string[]) {
  const { Problem, ProblemDetail } = PROBLEM_SCHEMAS
  const code = { ...Problem.properties.code, enum: [...CODES, ...declared] }
  return { Problem: { ...Problem, properties: { ...Problem.properties, code } }, ProblemDetail }
}

const PROBLEM_SCHEMAS = {
  Problem: {
    description: 'What went wrong (RFC 9457).',
    type: 'object',
    properties: {
      type: { type: 'string', format: 'uri', description: 'Identifies the kind of problem.' },
      title: { type: 'string', description: 'The kind of problem in words.' },
      status: { type: 'integer', description: 'The HTTP status.' },
      detail: { type: 'string', description: 'What is wrong with this request.' },
      code: { type: 'string', enum: CODES, description: 'The kind of problem, for programs.' },
      traceId: { type: 'string', pattern: TRACE_ID, description: 'Finds the request in the logs.' },
      operation: { type: 'integer', minimum: 0, description: 'Which operation of a transaction failed.' },
      errors: {
        type: 'array',
        items: componentRef('schemas', 'ProblemDetail'),
        description: 'Every problem with the values that were sent.',
      },
    },
    required: ['type', 'title', 'status', 'detail', 'code', 'traceId'],
  },
  ProblemDetail: {
    description: 'One problem with one value.',
    type: 'object',
    properties: {
      pointer: { type: 'string', description: 'JSON pointer (RFC 6901) to the value in the body.' },
      rule: { type: 'string', description: 'The rule that it breaks: `required`, `type`, `maxLength`, …' },
      message: { type: 'string', description: 'What to do about it.' },
    },
    required: ['pointer', 'rule', 'message'],
  },
} as const satisfies Record<string, JsonObject>
