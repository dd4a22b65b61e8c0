/** Requests to a backend without a socket. */

import type { FastifyInstance } from 'fastify'
import { recordDocument } from './record-calls.ts'

/** What a test sends with a request. */
export interface RequestOptions {
  /** Parameters of the query string; the client encodes them: `{ 'filter[published]': true }`. */
  readonly query?: Readonly<Record<string, string | number | boolean>> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** Options of a request that may have a body. */
export interface BodyOptions extends RequestOptions {
  /** An object or list is sent as JSON. A text or bytes are sent unchanged, as `application/json` unless `headers` name another type. */
  readonly body?: unknown
}

/** A response, with its body read. */
export interface TestResponse {
  readonly status: number
  /** The headers by name in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>
  /** The value of a JSON body, or the text of another body; null without a body. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads answers of any shape
  readonly body: any
  readonly text: string
}

/** Sends requests of one caller directly to the backend, without a port. */
export interface TestClient {
  get(url: string, options?: RequestOptions): Promise<TestResponse>
  delete(url: string, options?: RequestOptions): Promise<TestResponse>
  post(url: string, body?: unknown, options?: RequestOptions): Promise<TestResponse>
  put(url: string, body?: unknown, options?: RequestOptions): Promise<TestResponse>
  patch(url: string, body?: unknown, options?: RequestOptions): Promise<TestResponse>
  /** Posts a document to `/graphql`. The body has `data` and `errors`. */
  graphql(document: string, variables?: Readonly<Record<string, unknown>>, options?: RequestOptions): Promise<TestResponse>
  /** A request with any method. */
  request(method: string, url: string, options?: BodyOptions): Promise<TestResponse>
}

/** A client that sends `token` as its access token; null for an anonymous caller. `scheme` is the word before it. */
export function testClientOf(app: FastifyInstance, token: string | null, scheme = 'Bearer'): TestClient {
  const request: TestClient['request'] = (method, url, options = {}) =>
    send(app, { method, url, authorization: token === null ? null : `${scheme} ${token}`, options })
  return {
    request,
    get: (url, options) => request('GET', url, options),
    delete: (url, options) => request('DELETE', url, options),
    post: (url, body, options) => request('POST', url, { ...options, body }),
    put: (url, body, options) => request('PUT', url, { ...options, body }),
    patch: (url, body, options) => request('PATCH', url, { ...options, body }),
    graphql: (query, variables, options) => request('POST', '/graphql', { ...options, body: { query, variables } }),
  }
}

interface Sending {
  readonly method: string
  readonly url: string
  readonly authorization: string | null
  readonly options: BodyOptions
}

async function send(app: FastifyInstance, { method, url, authorization, options }: Sending): Promise<TestResponse> {
  const { body } = options
  recordDocument(body)
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = value
  if (authorization !== null) headers.authorization ??= authorization
  if (body !== undefined) headers['content-type'] ??= 'application/json'
  const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const response = await app.inject({
    // Fastify's type lists the usual methods; a test may send any.
    method: method as 'GET',
    url,
    headers,
    ...(options.query === undefined ? {} : { query: textsOf(options.query) }),
    ...(payload === undefined ? {} : { payload }),
  })
  const text = response.payload
  const isJson = String(response.headers['content-type'] ?? '').includes('json')
  return { status: response.statusCode, headers: response.headers, body: text === '' ? null : isJson ? JSON.parse(text) : text, text }
}

function textsOf(query: NonNullable<RequestOptions['query']>): Record<string, string> {
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]))
}
