/** The titles and details that the reference of errors documents, and what a refusal says beside them. */

import { restBase } from '../../model/address/served.ts'
import { shownCode } from '../../model/errors/error-format.ts'
import type { Model } from '../../model/model.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'

/** Title and detail of each code (docs/reference/errors.md). A test compares them with the document. */
export const DOCUMENTED: Readonly<Record<string, readonly [title: string, detail: string]>> = {
  malformed_request: ['Malformed request', '{what}'],
  validation_failed: ['Invalid input', '{count} problems in the request'],
  unknown_parameter: ['Unknown parameter', 'unknown parameter "{name}"{hint}'],
  invalid_parameter: ['Invalid parameter', 'parameter "{name}": {why}'],
  unknown_name: ['Unknown name', '{entity} has no "{name}"{hint}'],
  index_required: ['No index serves this', 'no index serves {what}; {remedy}'],
  invalid_cursor: ['Invalid cursor', '{name} is not a cursor of this list; start again without it'],
  invalid_document: ['Invalid document', '{what}'],
  query_too_large: ['Query too large', 'the document asks for too much: {why}'],
  answer_too_large: ['Answer too large', 'the answer would have more than {limit}; ask for fewer rows, fields or relations'],
  row_too_large: ['Row too large', 'the JSON of one {entity} may have at most {limit} bytes'],
  unknown_document: ['Unknown document', 'only documents that this server has on its list are answered'],
  empty_file: ['Empty file', 'the file has no bytes'],
  not_signed_in: ['Not signed in', 'sign in and send the token in the header Authorization'],
  invalid_token: ['Invalid token', 'the token is not valid or no longer valid; sign in again'],
  invalid_credentials: ['Invalid credentials', 'login or password is wrong'],
  wrong_signature: ['Wrong signature', 'the request is not signed as it must be: {what}'],
  forbidden: ['Not allowed', 'you may not {what}: the rule is {rule}'],
  foreign_origin: ['Foreign origin', 'with a cookie, only pages of this server may do this'],
  invalid_link: ['Invalid link', 'this link is not valid or no longer valid; ask for a new one'],
  not_found: ['Not found', 'no such {entity}'],
  unknown_upload: ['Unknown upload', 'this ticket is unknown, too old, or has been used; ask for a new one'],
  route_not_found: ['Not found', 'there is nothing at this address{hint}'],
  method_not_allowed: ['Method not allowed', 'this address answers {allow}'],
  not_acceptable: ['Not acceptable', 'only {media} is available here'],
  already_taken: ['Already taken', 'another {entity} already has this {what}'],
  requirement_failed: ['Requirement not met', 'this is not possible now: it requires {condition}'],
  illegal_transition: ['Illegal transition', 'this {entity} is {state} and cannot {transition}'],
  check_failed: ['Check failed', '{message}'],
  refused_by_design: ['Refused', '{message}'],
  circular_reference: ['Circular reference', 'this {entity} would become its own ancestor by {field}'],
  still_referenced: ['Still in use', 'this {entity} is still referred to by other rows'],
  subscription_inactive: ['Inactive subscription', 'this {entity} is not active and gets no messages; make it active first'],
  write_conflict: ['Conflict', 'another request changed the same rows at the same moment; try again'],
  idempotency_in_flight: ['Still under way', 'a request with this Idempotency-Key is still being processed; try again shortly'],
  stale_version: ['Changed meanwhile', 'this {entity} has changed since you read it; read it again'],
  weak_etag: [
    'Weak ETag',
    'If-Match holds only weak tags (W/"…"), which never match; send the ETag as this server answered it, without W/',
  ],
  body_too_large: ['Body too large', 'a body may have at most {limit} bytes'],
  job_input_too_large: ['Too much for later', 'what this request leaves to be done later may have at most {limit} bytes; send less'],
  file_too_large: ['File too large', 'the file may have at most {limit} bytes'],
  uri_too_long: ['Address too long', 'the address is too long'],
  unsupported_media_type: ['Unsupported media type', 'send the body as {media} in UTF-8'],
  file_type_refused: ['Type of file refused', 'by its content, the file is none of {types}'],
  range_not_satisfiable: ['No such part', 'the file has {size} bytes, and none of them is in the part that was asked for'],
  idempotency_mismatch: ['Another request', 'this Idempotency-Key was used for another request; take a new key for a new request'],
  headers_too_large: ['Headers too large', 'the headers are too large'],
  too_many_requests: ['Too many requests', 'too many requests; try again in {seconds} s'],
  too_many_uploads: ['Too many uploads', 'too many of your uploads wait for a row; use them, or try again in an hour'],
  client_gone: ['Client gone', 'the client has disconnected'],
  internal_error: ['Internal error', 'something went wrong on this side; the trace id finds it in the log'],
  value_unreadable: [
    'Unreadable value',
    'a value of {what} cannot be decrypted; the operator finds the reason in the log, by the trace id',
  ],
  work_too_deep: [
    'Work without end',
    '{limit} reactions and jobs have followed from one request, each caused by the one before, so this one is not done; end the loop by a condition (when), then try it again',
  ],
  not_implemented: ['Not implemented', '{what} is not written yet'],
  service_failed: ['Service failed', 'another service that this needs has refused or failed; try again later'],
  service_answer_invalid: [
    'Unexpected answer of a service',
    'another service that this needs has given an answer that cannot be used; try again later',
  ],
  service_unreachable: ['Service unreachable', 'another service that this needs cannot be reached; try again later'],
  service_unavailable: ['Service unavailable', 'another service that this needs is not available at the moment; try again later'],
  service_overloaded: ['Service overloaded', 'too many requests wait for another service that this needs; try again shortly'],
  service_timeout: ['Service took too long', 'another service that this needs did not answer in time; try again later'],
  overloaded: ['Overloaded', 'the server is busy; try again shortly'],
  database_unavailable: ['Database unavailable', 'the database cannot be reached; try again shortly'],
  schema_changed: ['Schema changed', 'the database has another version of the design; this instance must be restarted'],
  statement_timeout: ['Took too long', 'the request took too long and was stopped; ask for less or try again'],
  file_storage_unavailable: ['File storage unavailable', 'files cannot be read or stored at the moment; try again shortly'],
  storage_full: ['Storage full', 'nothing can be written at the moment; reading still works'],
  malformed_form: ['Malformed form', 'this is no form (multipart/form-data) with the file as its only part: {what}'],
  partial_upload: ['Part of a file', 'a part of a file cannot be stored; send the whole file without Content-Range'],
  upload_too_slow: ['Upload too slow', 'the file did not arrive in time; send it again over a faster connection, or send a smaller one'],
  encoded_upload: ['Encoded file', 'a file is stored as it arrives; send it without Content-Encoding'],
  image_unusable: [
    'Image that cannot be used',
    'this file cannot be made smaller: it is damaged, too large or of another kind; read it without size',
  ],
  uploads_at_once: ['Too many uploads at once', 'too many of your files arrive at the same time; send the others when one of them is done'],
  shutting_down: ['Shutting down', 'this instance is shutting down; try again'],
}

const NAME = '[\\w-]+'
/** Names of the design with what connects them: no quote, colon or bracket, so no value and nothing of a library. */
const NAMES = "[\\w ,.'-]+"
const NUMBER = '-?\\d+'

/** What stands for the parts of a detail; any other part may be any text. */
const PARTS: Readonly<Record<string, string>> = {
  ...{ entity: NAME, field: NAME, transition: NAME, state: NAMES },
  ...{ count: NUMBER, seconds: NUMBER, size: NUMBER },
}

/** What stands for the parts of single codes. */
const PARTS_OF: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  already_taken: { what: NAMES },
  forbidden: { what: NAMES, rule: '[\\w.-]+' },
}

/** Further forms: of one problem, of what the caller may not know, and without the name of a rule. */
const FORMS: Readonly<Record<string, readonly string[]>> = {
  // Of a variable as a whole, GraphQL says this (docs/reference/graphql.md).
  validation_failed: ['1 problem in the request', 'Variable "{name}" has invalid value: {what}'],
  // In production, anonymous callers are not told by how much (docs/reference/graphql.md).
  query_too_large: ['the document asks for too much'],
  requirement_failed: ['this is not possible now'],
  already_taken: ['another {entity} already has one of these values', 'two elements of a step are about the same row'],
  forbidden: ['you may not {what}'],
  circular_reference: ['this {entity} would become its own ancestor'],
  illegal_transition: ['this {entity} cannot {transition} now'],
}

const SHOWN = 160

/** The refusal of a request by words that no design has given. */
export interface Worded {
  readonly code: string
  /** Absent in GraphQL. */
  readonly title?: unknown
  readonly detail: unknown
}

/** What is wrong with the words of a refusal; null if they are those of the reference, undefined for a code that it does not have. */
export function wordsProblem({ code, title, detail }: Worded): string | null | undefined {
  if (!Object.hasOwn(DOCUMENTED, code)) return undefined
  const [usual, form] = DOCUMENTED[code] as readonly [string, string]
  if (title !== undefined && title !== usual) return `${code} has another title than the documented one: ${String(title).slice(0, SHOWN)}`
  return patternOf(code, form).test(String(detail))
    ? null
    : `${code} says something else than is documented: ${String(detail).slice(0, SHOWN)}`
}

const patterns = new Map<string, RegExp>()

function patternOf(code: string, form: string): RegExp {
  const forms = [form, ...(FORMS[code] ?? [])].map((one) =>
    one
      .split(/\{(\w+)\}/)
      .map((part, i) => (i % 2 === 0 ? part.replaceAll(/[^\w\s]/g, '\\$&') : (PARTS_OF[code]?.[part] ?? PARTS[part] ?? '.*')))
      .join(''),
  )
  const pattern = patterns.get(code) ?? new RegExp(`^(?:${forms.join('|')})$`, 's')
  patterns.set(code, pattern)
  return pattern
}

/** Codes that steps and code of a design give words of their own, where they run. */
const WORDED: ReadonlySet<string> = new Set([
  ...['not_found', 'forbidden', 'already_taken', 'validation_failed', 'check_failed', 'requirement_failed', 'illegal_transition'],
])

/** What is wrong with the words of the refusals in an answer; undefined if it has none, or none of which the words are known. */
export function refusalProblem(model: Model, sent: SentOverHttp, { status, json }: Answered): string | null | undefined {
  const isGraphql = sent.url.split('?', 1)[0] === '/graphql'
  if (!isGraphql && status < 400) return undefined
  const all: readonly GraphqlError[] = isGraphql && Array.isArray(json?.errors) ? json.errors : []
  const refusals = isGraphql ? all.map(({ message, extensions }) => ({ code: extensions?.code, detail: message })) : [json as Worded]
  const isOwn = mayHaveOwnWords(model, sent)
  const told = refusals
    .map((one) => ({ ...one, code: String(one?.code ?? '') }))
    .filter(({ code }) => !isReworded(model, code, status) && !(isOwn && WORDED.has(code)))
    .map(wordsProblem)
    .filter((problem) => problem !== undefined)
  return told.length === 0 ? undefined : (told.find((problem) => problem !== null) ?? null)
}

interface GraphqlError {
  readonly message?: string
  readonly extensions?: { readonly code?: unknown }
}

/** Whether steps of an action or code of the design may have refused a request. */
function mayHaveOwnWords(model: Model, { method, url, body }: SentOverHttp): boolean {
  const { entities, actions } = model
  const isHooked = entities.some(({ hooks }) => hooks.length > 0)
  const path = url.split('?', 1)[0] ?? url
  if (path === '/graphql') {
    const text = (typeof body === 'string' ? body : JSON.stringify(body ?? '')).toLowerCase()
    return (isHooked && text.includes('mutation')) || actions.some(({ name }) => text.includes(name.toLowerCase()))
  }
  const base = `${restBase(model)}/`
  const [collection, , ...below] = path.startsWith(base) ? path.slice(base.length).split('/') : []
  const isOfRows = below.length === 0 && entities.some((one) => one.path === collection)
  return !isOfRows || (isHooked && method !== 'GET' && method !== 'HEAD')
}

function isReworded({ errors }: Model, code: string, status: number): boolean {
  return errors !== null && (errors.answer !== null || shownCode(errors, { code, status }) !== undefined)
}
