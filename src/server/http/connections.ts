/** Connection settings of every HTTP server of Plinth: timeouts, and the answer to bytes that are not an HTTP request. */

import type { Socket } from 'node:net'
import { type Failure, failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { SECURITY_HEADERS } from './headers.ts'
import type { AnswerFailure } from './problem.ts'
import { newTraceId } from './trace-id.ts'

/**
 * Timeouts in milliseconds. A client has 10 s to send the headers and 30 s for the whole request, checked every 5 s. An idle connection
 * stays open for more than the usual 60 s of load balancers.
 */
export const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
} as const

/** Options of `http.createServer`. */
export const HTTP_OPTIONS = { ...TIMEOUTS, maxHeaderSize: LIMITS.headerBytes } as const

/** Answers a malformed or oversized request with its failure and closes the connection. */
export function answerBadRequest(error: NodeJS.ErrnoException, socket: Socket, answerFailure: AnswerFailure): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const traceId = newTraceId()
  const { status, headers, body } = answerFailure(failureOf(error.code), { traceId, url: '' })
  const lines = Object.entries({
    ...SECURITY_HEADERS,
    'x-request-id': traceId,
    ...headers,
    'content-length': Buffer.byteLength(body ?? ''),
    connection: 'close',
  })
  socket.end(`HTTP/1.1 ${status} \r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`)
}

function failureOf(code: string | undefined): Failure {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return failure('headers_too_large', {})
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return failure('malformed_request', { what: 'the request did not arrive in time' })
    default:
      return failure('malformed_request', { what: 'this is not an HTTP request' })
  }
}
