/** Sends one request with a body to an address that was checked, and reads the beginning of the answer. */

import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { type CheckedTarget, checkTarget, ForbiddenTarget, type Reach } from './reach.ts'

/** A request to send. */
export interface OutgoingPost {
  readonly address: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Milliseconds until the head of the answer, with the time for the name and the connection. */
  readonly timeoutMs: number
  readonly reach: Reach
  /** Aborted when the request should end. */
  readonly signal: AbortSignal
}

/** What became of a request. */
export type PostOutcome =
  | {
      readonly kind: 'answered'
      readonly status: number
      /** The first kilobyte, as text. */
      readonly answer: string
      /** The header `Retry-After`; null without one. */
      readonly retryAfter: string | null
    }
  /** No answer arrived. The reason is a sentence without the path of the address. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** The address may not be reached; no connection was made. */
  | { readonly kind: 'forbidden'; readonly reason: string }

/** The bytes of an answer that are kept. */
export const KEPT_BYTES = 1_024
/** Milliseconds for the body, after the head. */
const BODY_MS = 1_000
const MAX_HEAD_BYTES = 16_384

/** Sends a request. Redirects are not followed. The connection is closed afterwards, however much the answer has left. Never rejects. */
export async function postBody(post: OutgoingPost): Promise<PostOutcome> {
  const timeout = AbortSignal.timeout(post.timeoutMs)
  const signal = AbortSignal.any([post.signal, timeout])
  try {
    const target = await checkTarget(post.address, post.reach, signal)
    return await exchange(post, target, signal)
  } catch (error) {
    if (error instanceof ForbiddenTarget) return { kind: 'forbidden', reason: error.message }
    if (timeout.aborted) return { kind: 'failed', reason: `no answer within ${post.timeoutMs / 1_000} s` }
    if (post.signal.aborted) return { kind: 'failed', reason: 'the process stopped' }
    return { kind: 'failed', reason: reasonOf(error) }
  }
}

function exchange({ headers, body }: OutgoingPost, { url, lookup }: CheckedTarget, signal: AbortSignal): Promise<PostOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<PostOutcome>()
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const options = {
    method: 'POST',
    // A connection of its own: none that was made for another address is used.
    agent: false,
    lookup,
    signal,
    maxHeaderSize: MAX_HEAD_BYTES,
    headers: { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' },
  }
  const request = send(url, options, (response) => {
    const parts: Buffer[] = []
    const end = (): void => {
      clearTimeout(timer)
      const { statusCode = 0, headers: given } = response
      resolve({ kind: 'answered', status: statusCode, answer: textOf(parts), retryAfter: given['retry-after'] ?? null })
      request.destroy()
    }
    const timer = setTimeout(end, BODY_MS)
    let bytes = 0
    response.on('data', (part: Buffer) => {
      parts.push(part)
      bytes += part.length
      if (bytes >= KEPT_BYTES) end()
    })
    response.on('end', end)
    // The head has arrived, so the answer counts even if its body is cut off.
    response.on('error', end)
    response.on('close', end)
  })
  request.on('error', reject)
  request.on('upgrade', (_response, socket) => {
    socket.destroy()
    reject(new Error('the answer changes the protocol'))
  })
  request.end(body)
  return promise
}

/** PostgreSQL stores no zero bytes. */
function textOf(parts: readonly Buffer[]): string {
  return Buffer.concat(parts).subarray(0, KEPT_BYTES).toString('utf8').replaceAll('\0', '')
}

function reasonOf(error: unknown): string {
  // `AggregateError`: an attempt for each address of the name.
  const [first] = error instanceof AggregateError ? error.errors : [error]
  const { code, message } = first as { code?: unknown; message?: unknown }
  return `${typeof code === 'string' ? `${code}: ` : ''}${String(message)}`.replace(/[\p{Cc}\s]+/gu, ' ').slice(0, 300)
}
