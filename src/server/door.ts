/**
 * The direct door: answers requests of any endpoint straight from node:http. It takes requests of the usual form. The Fastify app answers
 * all others: unknown addresses, other methods, preflights, escapes in paths, files, bodies in chunks, of another type or too large. Both
 * use the same handlers, header fields and limits. A test sends the same requests to both and compares the answers.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { utf8Length } from '../base/bytes/utf8.ts'
import { failure } from '../base/failure.ts'
import type { Endpoint } from '../compile/endpoints/endpoint.ts'
import type { Answer } from './http/answer.ts'
import type { ClientAddress } from './http/caller/client-address.ts'
import type { CommonFields, Fields } from './http/headers.ts'
import type { Observe } from './http/observe.ts'
import type { AnswerFailure } from './http/problem.ts'
import type { RateLimitState } from './http/rate-limits.ts'
import { addAnswerFields, failingOf, problemFor, rateLimitAfter } from './http/refusal.ts'
import type { HttpRequest } from './http/request.ts'
import { WholeResponse } from './http/response/whole-response.ts'
import { routeName } from './http/route.ts'
import { traceIdOf } from './http/trace-id.ts'
import { carryOut, type ServedPath, type SizeLimits } from './paths.ts'
import { type Match, openRouter } from './router.ts'

/** What the direct door needs. */
export interface DoorOptions {
  readonly paths: readonly ServedPath[]
  readonly observe: Observe
  readonly limits: SizeLimits
  readonly commonFields: CommonFields
  readonly clientAddress: ClientAddress
  readonly answerFailure: AnswerFailure
}

/** Begins to answer a request. False when the request is not of the usual form; then nothing was read or written. */
export type Door = (raw: IncomingMessage, response: ServerResponse) => boolean

/** Opens the direct door. */
export function openDoor(options: DoorOptions): Door {
  const route = openRouter(options.paths)
  return (raw, response) => {
    const match = route(raw.method ?? '', raw.url ?? '')
    if (match === null || match.route.addresses?.has(match.parameters) === false || isStreamed(match.route.endpoint)) return false
    const bytes = bodyLength(raw, match.route.endpoint)
    if (bytes === null) return false
    void answer(options, { match, raw, response, bytes })
    return true
  }
}

/** Whether the body or the answer of an endpoint is not held as a whole. */
function isStreamed({ body, answers }: Endpoint): boolean {
  return body === 'stream' || answers === 'file'
}

/** Media types of bodies that need no parsing of the header. */
const JSON_TYPES: ReadonlySet<string> = new Set(['application/json', 'application/json; charset=utf-8', 'application/json;charset=utf-8'])
const FORM_TYPES: ReadonlySet<string> = new Set(['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded; charset=UTF-8'])

/** The number of bytes of a body in the usual form; -1 without a body, null for another form. */
function bodyLength({ method, headers }: IncomingMessage, { limit, accepts }: Endpoint): number | null {
  // As in Fastify, a body of GET and HEAD is not read.
  if (method === 'GET' || method === 'HEAD') return -1
  const { 'content-type': type, 'content-length': length = '0', 'transfer-encoding': coding } = headers
  if (coding !== undefined) return null
  if (type === undefined) return length === '0' ? -1 : null
  if (!(accepts === 'form' ? FORM_TYPES : JSON_TYPES).has(type) || !/^\d{1,15}$/.test(length)) return null
  return Number(length) <= limit.bodyBytes ? Number(length) : null
}

interface Answering {
  readonly match: Match
  readonly raw: IncomingMessage
  readonly response: ServerResponse
  /** Bytes of the body; -1 without a body. */
  readonly bytes: number
}

async function answer(options: DoorOptions, { match, raw, response, bytes }: Answering): Promise<void> {
  const { limits, observe, answerFailure } = options
  const { route } = match
  const traceId = traceIdOf(raw.headers.traceparent)
  observeEnd(observe, raw, { response, route: routeName(route.endpoint.path, route.addresses, match.parameters), traceId })
  // The address is read before anything is awaited, because a closed socket has none.
  const ip = options.clientAddress(raw)
  let request: HttpRequest | null = null
  let answered: Answer
  let rateLimit: RateLimitState | null
  try {
    const body = bytes < 0 ? null : await readBody(raw, bytes)
    request = requestOf(raw, { parameters: match.parameters, body, ip, traceId })
    answered = await carryOut(route, limits, { request, response })
    rateLimit = request.rateLimit
  } catch (error) {
    answered = problemFor(
      error,
      failingOf(route.endpoint, { accept: raw.headers.accept, traceId, url: raw.url ?? '', observe, answerFailure }),
    )
    rateLimit = rateLimitAfter(error, request?.rateLimit ?? null)
  }
  const { commonFields } = options
  const fields = commonFields.of(raw.headers.origin, traceId)
  addAnswerFields(fields, answered, rateLimit)
  try {
    send(response, fields, { method: raw.method, answer: answered, linesOf: commonFields.linesOf })
  } catch (error) {
    observe({ kind: 'defect', error, traceId })
    response.destroy()
  }
}

function requestOf(raw: IncomingMessage, known: Pick<HttpRequest, 'parameters' | 'body' | 'ip' | 'traceId'>): HttpRequest {
  const { parameters, body, ip, traceId } = known
  const { method = '', url = '', headers } = raw
  return { method, url, headers, parameters, body, ip, traceId, raw, rateLimit: null }
}

/** Reads a body of known length. Node ends the message after these bytes. @throws Failure when the client disconnects before. */
function readBody(raw: IncomingMessage, bytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    raw.on('data', (chunk: Buffer) => chunks.push(chunk))
    raw.on('end', () => resolve(Buffer.concat(chunks, bytes)))
    raw.on('error', () => reject(failure('malformed_request', { what: 'the request is malformed' })))
  })
}

interface Sending extends Pick<CommonFields, 'linesOf'> {
  readonly method: string | undefined
  readonly answer: Answer
}

/** Sends an answer; for HEAD without the body. */
function send(response: ServerResponse, fields: Fields, { method, answer: { status, body }, linesOf }: Sending): void {
  if (body !== null) fields.push('content-length', String(utf8Length(body)))
  // RFC 9110 section 8.6: these answers have no Content-Length.
  else if (status !== 204 && status !== 304 && method !== 'HEAD') fields.push('content-length', '0')
  const hasBody = body !== null && method !== 'HEAD'
  if (hasBody && response.shouldKeepAlive && response instanceof WholeResponse) response.writeLines(status, linesOf(fields))
  else response.writeHead(status, fields)
  if (!hasBody) response.end()
  else if (typeof body === 'string') response.end(body)
  else response.end(body.octets, 'latin1')
}

interface Observed {
  readonly response: ServerResponse
  /** The path of the endpoint, with the entity and the action. */
  readonly route: string
  readonly traceId: string
}

/** Observes a request when its answer has been passed to the operating system, or has failed. */
function observeEnd(observe: Observe, { method = '' }: IncomingMessage, { response, route, traceId }: Observed): void {
  const began = performance.now()
  const end = (): void => {
    response.removeListener('finish', end)
    response.removeListener('error', end)
    const durationMs = Math.round((performance.now() - began) * 1000) / 1000
    observe({ kind: 'request', method, route, status: response.statusCode, durationMs, traceId })
  }
  response.on('finish', end)
  response.on('error', end)
}
