/**
 * The catalogue of failures: one row for each code, with the HTTP status and the text that a client sees. A public sentence never holds
 * SQL, a path, a stack or the name of a constraint.
 */

import type { FailureFacts, None } from './failure-facts.ts'
import { FILE_FAILURES } from './file-failures.ts'

/** The failures of requests, by code. The code is part of the API: it never changes its meaning. */
export const FAILURES = {
  // 400: the request itself
  malformed_request: { status: 400, title: 'Malformed request', detail: (p: { what: string }) => p.what },
  validation_failed: {
    status: 400,
    title: 'Invalid input',
    detail: (p: { count: number }) => `${p.count === 1 ? '1 problem' : `${p.count} problems`} in the request`,
  },
  unknown_parameter: {
    status: 400,
    title: 'Unknown parameter',
    detail: (p: { name: string; hint: string }) => `unknown parameter ${quote(p.name)}${p.hint}`,
  },
  invalid_parameter: {
    status: 400,
    title: 'Invalid parameter',
    detail: (p: { name: string; why: string }) => `parameter ${quote(p.name)}: ${p.why}`,
  },
  unknown_name: {
    status: 400,
    title: 'Unknown name',
    detail: (p: { entity: string; name: string; hint: string }) => `${p.entity} has no ${quote(p.name)}${p.hint}`,
  },
  index_required: {
    status: 400,
    title: 'No index serves this',
    detail: (p: { what: string; remedy: string }) => `no index serves ${p.what}; ${p.remedy}`,
  },
  invalid_cursor: {
    status: 400,
    title: 'Invalid cursor',
    detail: (p: { name: string }) => `${p.name} is not a cursor of this list; start again without it`,
  },
  invalid_document: { status: 400, title: 'Invalid document', detail: (p: { what: string }) => p.what },
  query_too_large: {
    status: 400,
    title: 'Query too large',
    detail: (p: { why: string | null }) => `the document asks for too much${p.why === null ? '' : `: ${p.why}`}`,
  },
  answer_too_large: {
    status: 400,
    title: 'Answer too large',
    detail: (p: { limit: string }) => `the answer would have more than ${p.limit}; ask for fewer rows, fields or relations`,
  },
  row_too_large: {
    status: 400,
    title: 'Row too large',
    detail: (p: { entity: string; limit: number }) => `the JSON of one ${p.entity} may have at most ${p.limit} bytes`,
  },
  unknown_document: {
    status: 400,
    title: 'Unknown document',
    detail: (p: { hasList: boolean }) =>
      p.hasList
        ? 'only documents that this server has on its list are answered'
        : 'this server keeps no list of documents, so no id names one; send the text of the document as query',
  },
  empty_file: { status: 400, title: 'Empty file', detail: (_: None) => 'the file has no bytes' },
  // 401, 403, 404: the caller
  not_signed_in: { status: 401, title: 'Not signed in', detail: (_: None) => 'sign in and send the token in the header Authorization' },
  invalid_token: { status: 401, title: 'Invalid token', detail: (_: None) => 'the token is not valid or no longer valid; sign in again' },
  invalid_credentials: { status: 401, title: 'Invalid credentials', detail: (_: None) => 'login or password is wrong' },
  wrong_signature: {
    status: 401,
    title: 'Wrong signature',
    detail: (p: { what: string }) => `the request is not signed as it must be: ${p.what}`,
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    detail: (p: { what: string; rule: string | null; entity: string | null }) =>
      `you may not ${p.what}${p.rule === null ? '' : `: the rule is ${p.rule}`}`,
  },
  foreign_origin: { status: 403, title: 'Foreign origin', detail: (_: None) => 'with a cookie, only pages of this server may do this' },
  invalid_link: { status: 403, title: 'Invalid link', detail: (_: None) => 'this link is not valid or no longer valid; ask for a new one' },
  not_found: { status: 404, title: 'Not found', detail: (p: { entity: string }) => `no such ${p.entity}` },
  unknown_upload: {
    status: 404,
    title: 'Unknown upload',
    detail: (_: None) => 'this ticket is unknown, too old, or has been used; ask for a new one',
  },
  route_not_found: { status: 404, title: 'Not found', detail: (p: { hint: string }) => `there is nothing at this address${p.hint}` },
  method_not_allowed: { status: 405, title: 'Method not allowed', detail: (p: { allow: string }) => `this address answers ${p.allow}` },
  not_acceptable: { status: 406, title: 'Not acceptable', detail: (p: { media: string }) => `only ${p.media} is available here` },
  // 409 to 429: the state
  already_taken: {
    status: 409,
    title: 'Already taken',
    detail: (p: { entity: string; what: string }) => `another ${p.entity} already has this ${p.what}`,
  },
  requirement_failed: {
    status: 409,
    title: 'Requirement not met',
    detail: (p: { condition: string | null; entity: string | null }) =>
      `this is not possible now${p.condition === null ? '' : `: it requires ${p.condition}`}`,
  },
  illegal_transition: {
    status: 409,
    title: 'Illegal transition',
    detail: (p: { entity: string; state: string; transition: string }) =>
      p.state === '' ? `this ${p.entity} cannot ${p.transition} now` : `this ${p.entity} is ${p.state} and cannot ${p.transition}`,
  },
  check_failed: { status: 409, title: 'Check failed', detail: (p: { message: string; entity: string | null }) => p.message },
  /** The design names the code, the status and the words. */
  refused_by_design: { status: 409, title: 'Refused', detail: (p: { message: string }) => p.message },
  circular_reference: {
    status: 409,
    title: 'Circular reference',
    /** `field`: null when the caller does not know the field. */
    detail: (p: { entity: string; field: string | null }) =>
      `this ${p.entity} would become its own ancestor${p.field === null ? '' : ` by ${p.field}`}`,
  },
  still_referenced: {
    status: 409,
    title: 'Still in use',
    detail: (p: { entity: string }) => `this ${p.entity} is still referred to by other rows`,
  },
  subscription_inactive: {
    status: 409,
    title: 'Inactive subscription',
    detail: (p: { entity: string }) => `this ${p.entity} is not active and gets no messages; make it active first`,
  },
  write_conflict: {
    status: 409,
    title: 'Conflict',
    detail: (_: None) => 'another request changed the same rows at the same moment; try again',
  },
  idempotency_in_flight: {
    status: 409,
    title: 'Still under way',
    detail: (_: None) => 'a request with this Idempotency-Key is still being processed; try again shortly',
  },
  stale_version: {
    status: 412,
    title: 'Changed meanwhile',
    detail: (p: { entity: string }) => `this ${p.entity} has changed since you read it; read it again`,
  },
  weak_etag: {
    status: 412,
    title: 'Weak ETag',
    detail: (_: None) => 'If-Match holds only weak tags (W/"…"), which never match; send the ETag as this server answered it, without W/',
  },
  body_too_large: { status: 413, title: 'Body too large', detail: (p: { limit: number }) => `a body may have at most ${p.limit} bytes` },
  job_input_too_large: {
    status: 413,
    title: 'Too much for later',
    detail: (p: { limit: number }) => `what this request leaves to be done later may have at most ${p.limit} bytes; send less`,
  },
  file_too_large: { status: 413, title: 'File too large', detail: (p: { limit: number }) => `the file may have at most ${p.limit} bytes` },
  uri_too_long: { status: 414, title: 'Address too long', detail: (_: None) => 'the address is too long' },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail: (p: { media: string }) => `send the body as ${p.media} in UTF-8`,
  },
  file_type_refused: {
    status: 415,
    title: 'Type of file refused',
    detail: (p: { types: string }) => `by its content, the file is none of ${p.types}`,
  },
  range_not_satisfiable: {
    status: 416,
    title: 'No such part',
    detail: (p: { size: number }) => `the file has ${p.size} bytes, and none of them is in the part that was asked for`,
  },
  idempotency_mismatch: {
    status: 422,
    title: 'Another request',
    detail: (_: None) => 'this Idempotency-Key was used for another request; take a new key for a new request',
  },
  headers_too_large: { status: 431, title: 'Headers too large', detail: (_: None) => 'the headers are too large' },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    detail: (p: { seconds: number }) => `too many requests; try again in ${p.seconds} s`,
  },
  too_many_uploads: {
    status: 429,
    title: 'Too many uploads',
    detail: (_: None) => 'too many of your uploads wait for a row; use them, or try again in an hour',
  },
  /** The client has disconnected, so only the log holds it. */
  client_gone: { status: 499, title: 'Client gone', detail: (_: None) => 'the client has disconnected' },
  // 5xx: this side
  internal_error: {
    status: 500,
    title: 'Internal error',
    detail: (_: None) => 'something went wrong on this side; the trace id finds it in the log',
  },
  /** An encrypted value whose key is missing, or that was changed or moved in the database. */
  value_unreadable: {
    status: 500,
    title: 'Unreadable value',
    detail: (p: { what: string }) => `a value of ${p.what} cannot be decrypted; the operator finds the reason in the log, by the trace id`,
  },
  /** In no answer: it is the error of an event that was given up, or of a dead job. */
  work_too_deep: {
    status: 500,
    title: 'Work without end',
    detail: (p: { limit: number }) =>
      `${p.limit} reactions and jobs have followed from one request, each caused by the one before, so this one is not done; end the loop by a condition (when), then try it again`,
  },
  not_implemented: {
    status: 501,
    title: 'Not implemented',
    detail: (p: { what: string }) => `${p.what} is not written yet`,
  },
  // Services that code of the design calls
  service_failed: {
    status: 502,
    title: 'Service failed',
    detail: (_: None) => 'another service that this needs has refused or failed; try again later',
  },
  service_answer_invalid: {
    status: 502,
    title: 'Unexpected answer of a service',
    detail: (_: None) => 'another service that this needs has given an answer that cannot be used; try again later',
  },
  service_unreachable: {
    status: 502,
    title: 'Service unreachable',
    detail: (_: None) => 'another service that this needs cannot be reached; try again later',
  },
  service_unavailable: {
    status: 503,
    title: 'Service unavailable',
    detail: (_: None) => 'another service that this needs is not available at the moment; try again later',
  },
  service_overloaded: {
    status: 503,
    title: 'Service overloaded',
    detail: (_: None) => 'too many requests wait for another service that this needs; try again shortly',
  },
  service_timeout: {
    status: 504,
    title: 'Service took too long',
    detail: (_: None) => 'another service that this needs did not answer in time; try again later',
  },
  overloaded: { status: 503, title: 'Overloaded', detail: (_: None) => 'the server is busy; try again shortly' },
  database_unavailable: {
    status: 503,
    title: 'Database unavailable',
    detail: (_: None) => 'the database cannot be reached; try again shortly',
  },
  /** The database was migrated to another version of the design while this instance was running. */
  schema_changed: {
    status: 503,
    title: 'Schema changed',
    detail: (_: None) => 'the database has another version of the design; this instance must be restarted',
  },
  statement_timeout: {
    status: 503,
    title: 'Took too long',
    detail: (_: None) => 'the request took too long and was stopped; ask for less or try again',
  },
  file_storage_unavailable: {
    status: 503,
    title: 'File storage unavailable',
    detail: (_: None) => 'files cannot be read or stored at the moment; try again shortly',
  },
  storage_full: { status: 503, title: 'Storage full', detail: (_: None) => 'nothing can be written at the moment; reading still works' },
  ...FILE_FAILURES,
  shutting_down: { status: 503, title: 'Shutting down', detail: (_: None) => 'this instance is shutting down; try again' },
} as const satisfies Record<string, FailureFacts>

/** A code of `FAILURES`. */
export type FailureCode = keyof typeof FAILURES
/** Codes that no client gets. */
export const INTERNAL_CODES: ReadonlySet<string> = new Set<FailureCode>(['refused_by_design', 'client_gone'])
/** The parameters of the sentence of a code. */
export type FailureParams<C extends FailureCode> = Parameters<(typeof FAILURES)[C]['detail']>[0]

function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)
}
