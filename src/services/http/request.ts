/** Reads what code asks of a service: its path, query, headers and body. What cannot be sent is a mistake of the code: a TypeError. */

import { isObject } from '../../base/is-object.ts'
import type { ServiceCall, ServiceMethod } from '../../design/authoring/behaviour-design.ts'
import { spanMs } from '../../design/authoring/span.ts'
import type { ReadAs } from './exchange.ts'

/** A request of code. */
export interface ServiceRequest {
  readonly method: ServiceMethod
  /** Path and query, after the base URL. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly form: ReadAs
  /** Milliseconds; null for those of the design. */
  readonly timeoutMs: number | null
  /** Whether the request has the same effect when it is sent twice (RFC 9110 section 9.2.2, or by its key). */
  readonly isIdempotent: boolean
  /**
   * The schema of an answer with this status: true for any, false for one without a body, and `unknown` for a status that the service does
   * not have.
   */
  readonly schemaOf: (status: number) => object | boolean | 'unknown'
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] satisfies ServiceMethod[])
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'PUT', 'DELETE'] satisfies ServiceMethod[])
const OPTIONS: ReadonlySet<string> = new Set([
  'params',
  'query',
  'headers',
  'body',
  'form',
  'timeout',
  'idempotencyKey',
  'schema',
  'accept',
] satisfies (keyof ServiceCall)[])
const FORMS: ReadonlySet<string> = new Set(['json', 'text', 'bytes'] satisfies ReadAs[])
const ACCEPT = { json: 'application/json', text: 'text/*, application/json;q=0.5', bytes: '*/*' } as const satisfies Record<ReadAs, string>

/** Headers that Plinth sets. */
const OWN_HEADERS =
  /^(?:authorization|host|connection|content-.*|transfer-encoding|upgrade|te|trailer|expect|keep-alive|accept|accept-encoding|traceparent|tracestate|x-request-id|idempotency-key|cookie)$/
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/
/** Visible characters, blanks and tabs (RFC 9110 section 5.5). */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]{0,8000}$/
/** The most characters of an idempotency key. */
const KEY = /^[\x21-\x7e]{1,255}$/

/** The longest time of a call, in milliseconds. */
const LONGEST_MS = 60_000

/** Reads a call. @param of for messages: `ctx.services.billing` @throws TypeError for a mistake of the code */
export function readServiceRequest(of: string, method: unknown, path: unknown, given: unknown): ServiceRequest {
  const wrong = (why: string): TypeError => new TypeError(`${of}: ${why}`)
  if (typeof method !== 'string' || !METHODS.has(method)) throw wrong(`the method is one of ${[...METHODS].join(', ')}`)
  if (given !== undefined && !isObject(given)) throw wrong('the options are an object')
  const call: ServiceCall = given ?? {}
  const unknown = Object.keys(call).find((name) => !OPTIONS.has(name))
  if (unknown !== undefined) throw wrong(`unknown option ${JSON.stringify(unknown)}; the options are ${[...OPTIONS].join(', ')}`)
  const { accept = 'json', idempotencyKey: key, schema, timeout } = call
  if (!FORMS.has(accept)) throw wrong('accept is json, text or bytes')
  if (key !== undefined && !(typeof key === 'string' && KEY.test(key))) throw wrong('idempotencyKey has 1 to 255 characters without blanks')
  if (schema !== undefined && (!isObject(schema) || accept !== 'json')) throw wrong('schema is a JSON Schema, of an answer in JSON')
  const timeoutMs = timeout === undefined ? null : typeof timeout === 'string' ? spanMs(timeout) : Number.NaN
  if (timeout !== undefined && !(timeoutMs !== null && timeoutMs > 0 && timeoutMs <= LONGEST_MS))
    throw wrong('timeout is a time up to 1m, such as 2s')
  const body = bodyOf(call, method, wrong)
  return {
    method: method as ServiceMethod,
    path: `${pathOf(path, call.params, wrong)}${queryOf(call.query, wrong)}`,
    headers: {
      ...headersOf(call.headers, wrong),
      accept: ACCEPT[accept],
      ...(body === null ? {} : { 'content-type': body.type }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: body?.text ?? null,
    form: accept,
    timeoutMs,
    isIdempotent: IDEMPOTENT.has(method) || key !== undefined,
    schemaOf: () => schema ?? true,
  }
}

type Wrong = (why: string) => TypeError

/**
 * The path with the values of its names. A value cannot leave its segment, and no part leads out of the base URL: `.` and `..` are refused
 * in every spelling that URLs know.
 */
function pathOf(path: unknown, params: ServiceCall['params'], wrong: Wrong): string {
  if (typeof path !== 'string' || !/^\/(?!\/)[^?#\\\s]*$/.test(path))
    throw wrong('the path begins with one /, and has no query; give that under query')
  const unused = new Set(Object.keys(params ?? {}))
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params !== undefined && Object.hasOwn(params, name) ? params[name] : undefined
    if ((typeof value !== 'string' && typeof value !== 'number') || value === '')
      throw wrong(`params has no value for {${name}} of the path`)
    unused.delete(name)
    return encodeURIComponent(value)
  })
  const [first] = unused
  if (first !== undefined) throw wrong(`the path has no {${first}}`)
  if (/[{}]/.test(filled)) throw wrong('braces in the path stand around the name of a value in params')
  if (filled.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))) throw wrong('the path has a segment . or ..')
  return filled
}

function queryOf(query: ServiceCall['query'], wrong: Wrong): string {
  if (query === undefined) return ''
  if (!isObject(query)) throw wrong('query is an object')
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, scalarText(one, `query.${name}`, wrong))
  }
  return search.size === 0 ? '' : `?${search}`
}

function scalarText(value: unknown, name: string, wrong: Wrong): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw wrong(`${name} is a text, a number, or true or false`)
}

function headersOf(headers: ServiceCall['headers'], wrong: Wrong): Readonly<Record<string, string>> {
  const plain: Record<string, string> = {}
  for (const [given, value] of Object.entries(headers ?? {})) {
    const name = given.toLowerCase()
    if (!HEADER_NAME.test(name)) throw wrong(`${JSON.stringify(given)} is no name of a header`)
    if (OWN_HEADERS.test(name)) throw wrong(`the header ${given} is set by Plinth`)
    if (typeof value !== 'string' || !HEADER_VALUE.test(value)) throw wrong(`the header ${given} has a value that cannot be sent`)
    plain[name] = value
  }
  return plain
}

function bodyOf({ body, form }: ServiceCall, method: string, wrong: Wrong): { readonly type: string; readonly text: string } | null {
  if (body === undefined && form === undefined) return null
  if (method === 'GET') throw wrong('GET has no body')
  if (body !== undefined && form !== undefined) throw wrong('a request has body or form, not both')
  if (form !== undefined) {
    const pairs = Object.entries(form).map(([name, value]) => [name, scalarText(value, `form.${name}`, wrong)])
    return { type: 'application/x-www-form-urlencoded', text: new URLSearchParams(pairs).toString() }
  }
  const text: string | undefined = JSON.stringify(body)
  if (text === undefined) throw wrong('the body is no JSON')
  return { type: 'application/json', text }
}
