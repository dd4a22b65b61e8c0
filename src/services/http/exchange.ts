/** Sends one request over a pool of connections, and reads its answer within limits. Redirects are not followed. */

import type { Dispatcher, Pool } from 'undici'
import { isObject } from '../../base/is-object.ts'
import { measureJson } from '../../base/texts/measure-json.ts'

/** How an answer is read. */
export type ReadAs = 'json' | 'text' | 'bytes'

/** A request. */
export interface Sending {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly form: ReadAs
  /** The most bytes of the answer. */
  readonly answerBytes: number
  readonly signal: AbortSignal
}

/** Why an answer cannot be used. */
export type UnusableReason = 'redirect' | 'too-large' | 'media-type' | 'encoding' | 'not-json' | 'too-deep'

/** What came of a request. */
export type Exchanged =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown }
  /** A status from 400 on. `body`: its JSON, if it has a small one. */
  | { readonly kind: 'refused'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown }
  | { readonly kind: 'unusable'; readonly reason: UnusableReason; readonly note: string; readonly status: number | null }
  /** No answer. `sent`: whether the service may have got the request. */
  | { readonly kind: 'unreachable'; readonly note: string; readonly sent: boolean }
  | { readonly kind: 'aborted' }

/** Levels, and keys and items, of the JSON of an answer. */
const ROOM = { depth: 64, items: 500_000 } as const
/** The most bytes of a body with a status from 400 on. */
const REFUSAL_BYTES = 65_536

/** Errors of the connection before a request is sent. */
const NOT_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Sends a request. Never rejects, except for a request that cannot be sent at all. @throws Error for headers with wrong characters */
export async function exchange(pool: Pool, sending: Sending): Promise<Exchanged> {
  const { method, path, headers, body, signal } = sending
  try {
    const answer = await pool.request({ method: method as Dispatcher.HttpMethod, path, headers, body, signal })
    return await readAnswer(answer, sending)
  } catch (error) {
    if (signal.aborted) return { kind: 'aborted' }
    return failureOf(error)
  }
}

function failureOf(error: unknown): Exchanged {
  const code = isObject(error) && typeof error.code === 'string' ? error.code : ''
  if (code === 'UND_ERR_INVALID_ARG') throw error
  if (code === 'UND_ERR_HEADERS_OVERFLOW')
    return { kind: 'unusable', reason: 'too-large', note: 'the headers of the answer are too large', status: null }
  // The text of the error could have an address.
  return { kind: 'unreachable', note: `there is no connection (${code === '' ? 'unknown error' : code})`, sent: !NOT_SENT.has(code) }
}

async function readAnswer(answer: Dispatcher.ResponseData, { form, answerBytes }: Sending): Promise<Exchanged> {
  const { statusCode: status, body } = answer
  // A body that is destroyed has an error, which nobody else may be waiting for.
  body.on('error', () => {})
  const headers = plainHeaders(answer.headers)
  const unusable = (reason: UnusableReason, note: string): Exchanged => {
    body.destroy()
    return { kind: 'unusable', reason, note, status }
  }
  if (status >= 300 && status < 400) return unusable('redirect', `the answer is a redirect (${status})`)
  if (status >= 400) return { kind: 'refused', status, headers, body: await readRefusal(body, headers) }
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') return unusable('encoding', 'the answer is compressed, and none was asked for')
  const bytes = await readBytes(body, { declared: headers['content-length'], most: answerBytes })
  if (bytes === null) return unusable('too-large', `the answer has more than ${answerBytes} bytes`)
  if (form === 'bytes') return { kind: 'answer', status, headers, body: bytes }
  if (bytes.length === 0) return { kind: 'answer', status, headers, body: form === 'text' ? '' : undefined }
  const wrong = mediaProblem(headers['content-type'], form)
  if (wrong !== null) return unusable(wrong.reason, wrong.note)
  const read = form === 'text' ? readText(bytes) : readJson(bytes)
  return 'reason' in read ? unusable(read.reason, read.note) : { kind: 'answer', status, headers, body: read.value }
}

/** The JSON of a body with a status from 400 on; undefined for one that is larger, or something else. */
async function readRefusal(body: Dispatcher.ResponseData['body'], headers: Readonly<Record<string, string>>): Promise<unknown> {
  const bytes = await readBytes(body, { declared: headers['content-length'], most: REFUSAL_BYTES })
  body.destroy()
  if (bytes === null || bytes.length === 0 || headers['content-encoding'] !== undefined) return undefined
  if (mediaProblem(headers['content-type'], 'json') !== null) return undefined
  const read = readJson(bytes)
  return 'reason' in read ? undefined : read.value
}

/** The bytes of a body; null if there are more than `most`. */
async function readBytes(
  body: AsyncIterable<Uint8Array>,
  { declared, most }: { readonly declared: string | undefined; readonly most: number },
): Promise<Uint8Array | null> {
  if (declared !== undefined && Number(declared) > most) return null
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > most) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

type Problem = { readonly reason: UnusableReason; readonly note: string }

/** What is wrong with the type of an answer (RFC 9110 section 8.3); null if nothing is. */
function mediaProblem(header: string | undefined, form: 'json' | 'text'): Problem | null {
  const [type = '', ...parameters] = (header ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  const charset = parameters
    .find((one) => one.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '')
  const fits = form === 'text' ? type.startsWith('text/') || JSON_TYPE.test(type) : JSON_TYPE.test(type)
  if (!fits) return { reason: 'media-type', note: `the answer is ${TOLD_TYPES.has(type) ? type : 'of another type'}, not ${form}` }
  if (charset === undefined || UTF8.has(charset)) return null
  return { reason: 'encoding', note: 'the text of the answer is not UTF-8' }
}

/** The types that a note names. A service could put anything into others, such as the secret that it was sent. */
const TOLD_TYPES: ReadonlySet<string> = new Set([
  ...['text/html', 'text/plain', 'text/xml', 'text/csv', 'application/xml', 'application/json', 'application/pdf'],
  ...['application/octet-stream', 'application/x-www-form-urlencoded', 'image/png', 'image/jpeg'],
])
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/
const UTF8: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii'])
const utf8 = new TextDecoder('utf-8', { fatal: true })

function readText(bytes: Uint8Array): { readonly value: string } | Problem {
  try {
    return { value: utf8.decode(bytes) }
  } catch {
    return { reason: 'encoding', note: 'the text of the answer is not UTF-8' }
  }
}

function readJson(bytes: Uint8Array): { readonly value: unknown } | Problem {
  const text = readText(bytes)
  if ('reason' in text) return text
  const { exceeds } = measureJson(text.value, ROOM)
  if (exceeds === 'depth') return { reason: 'too-deep', note: `the answer nests more than ${ROOM.depth} levels deep` }
  if (exceeds === 'items') return { reason: 'too-deep', note: `the answer has more than ${ROOM.items} keys and items` }
  try {
    return { value: JSON.parse(text.value) }
  } catch {
    return { reason: 'not-json', note: 'the answer is not JSON' }
  }
}

/** Headers as one text each. */
function plainHeaders(headers: Dispatcher.ResponseData['headers']): Readonly<Record<string, string>> {
  const plain: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ')
  }
  return Object.freeze(plain)
}
