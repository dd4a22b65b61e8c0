/**
 * The one HTTP server of the process. Its backend can be replaced while it runs: connections stay open, the old backend finishes its
 * requests, and new requests go to the new backend.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { EnvironmentError } from '../../base/environment-error.ts'
import { type Failure, failure } from '../../base/failure.ts'
import { SERVICE_ENDPOINTS } from '../../compile/endpoints/service-endpoints.ts'
import type { Backend } from '../backend.ts'
import type { TextAnswer } from '../http/answer.ts'
import { answerBadRequest, HTTP_OPTIONS, TIMEOUTS } from '../http/connections.ts'
import { crossOriginHeaders, type Origins } from '../http/cross-origin.ts'
import { SECURITY_HEADERS } from '../http/headers.ts'
import { type AnswerFailure, problemAnswer } from '../http/problem.ts'
import { WholeResponse } from '../http/response/whole-response.ts'
import { newTraceId } from '../http/trace-id.ts'
import { FILE_REQUEST_MS, limitBody } from '../http/uploads/long-bodies.ts'
import { measureLateness } from './lateness.ts'

/** The part of a backend that the server uses. `close` is called once, after the last answer. */
export type Answering = Pick<Backend, 'handle' | 'close'> & Partial<Pick<Backend, 'answerFailure' | 'takesFile' | 'isUrgent'>>

/** Where a server listens, and its first backend. */
export interface ServerOptions {
  readonly host: string
  /** 0 chooses a free port. */
  readonly port: number
  readonly backend: Answering
  /** The origins whose pages may read the answers of this server itself; by default none. */
  readonly origins?: Origins
  /** How late the event loop may be, in milliseconds, before requests are refused; null or absent: never. */
  readonly shedLagMs?: number | null
  /** Called with each request that is refused for this. */
  readonly onShed?: (why: Failure, traceId: string) => void
}

/** A server that listens. */
export interface RunningServer {
  /** `http://` with a host that a client on this machine can use. */
  readonly url: string
  /** The number of requests that are being answered. */
  underWay(): number
  /** Sends all further requests to another backend; resolves when the previous backend is closed. */
  replace(backend: Answering): Promise<void>
  /**
   * Stops the server step by step. Readiness fails at once. Connections are accepted for `noticeMs` more, so that a load balancer can
   * choose other instances; a server that nobody asks skips this. Then idle connections are closed and requests in progress finish; after
   * `drainMs` the remaining connections are aborted. Resolves when the backend is closed. A second call waits for the first.
   */
  drain(times: DrainTimes): Promise<void>
  /**
   * Stops a server whose place another process at the same port has taken: it accepts no connection from now on, readiness stays, and
   * during `noticeMs` each answer ends its connection. Then as `drain`.
   */
  retire(times: DrainTimes): Promise<void>
}

/** Times for stopping, in milliseconds: how long the server still answers as unready, and how long requests may take after that. */
export interface DrainTimes {
  readonly noticeMs: number
  readonly drainMs: number
}

/** Load balancers ask at least this often. A server that nobody has asked for so long has none that would need a notice. */
const UNASKED_MS = 40_000

/** A backend with the number of its requests in progress. */
interface Lent {
  readonly backend: Answering
  underWay: number
  /** Called when the last request ends; null when no code waits for it. */
  idle: (() => void) | null
}

/** Starts to listen. @throws EnvironmentError when the address cannot be used. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port, backend, origins = [], shedLagMs = null, onShed } = options
  const lateness = shedLagMs === null ? null : measureLateness(shedLagMs)
  let current = lend(backend)
  const setTimeouts = (): void => {
    server.requestTimeout = current.backend.takesFile == null ? TIMEOUTS.requestTimeout : FILE_REQUEST_MS
  }
  const answerFailure: AnswerFailure = (error, of) => (current.backend.answerFailure ?? problemAnswer)(error, of)
  let phase: 'serving' | 'draining' | 'retiring' = 'serving'
  let askedAt = Number.NEGATIVE_INFINITY
  // Until then, a new connection whose request has not arrived is idle for Node, and must not be closed.
  let isClosing = false
  let requests = 0
  const refuse = (request: IncomingMessage, response: ServerResponse, why: Failure, traceId = newTraceId()) => {
    const fields = { 'x-request-id': traceId, ...crossOriginHeaders(origins, request.headers.origin, false) }
    sendRefusal(response, answerFailure(why, { traceId, url: request.url ?? '' }), fields)
  }
  // Node answers a request without Host with no body, so this server sends its own problem document.
  const server = createServer({ ...HTTP_OPTIONS, requireHostHeader: false, ServerResponse: WholeResponse }, (request, response) => {
    if (request.headers.host === undefined && request.httpVersion === '1.1')
      return refuse(request, response, failure('malformed_request', { what: 'an HTTP/1.1 request has a Host header' }))
    askedAt = performance.now()
    if (phase !== 'serving') {
      response.shouldKeepAlive = false
      if (phase === 'draining' && pathOf(request) === SERVICE_ENDPOINTS.getReadiness.path)
        return refuse(request, response, failure('shutting_down', {}))
    }
    if (lateness?.isLate() === true && current.backend.isUrgent?.(request) !== true) {
      const [why, traceId] = [failure('overloaded', {}, 'the event loop is late'), newTraceId()]
      onShed?.(why, traceId)
      return refuse(request, response, why, traceId)
    }
    const lent = current
    lent.underWay++
    requests++
    response.once('close', () => {
      requests--
      lent.underWay--
      if (lent.underWay === 0) lent.idle?.()
      // The answer may have kept the connection alive. From now on Node counts it as idle.
      if (isClosing) setImmediate(() => server.closeIdleConnections())
    })
    if (lent.backend.takesFile?.(request) === false) limitBody(request)
    lent.backend.handle(request, response)
  })
  server.on('clientError', (error, socket: Socket) => answerBadRequest(error, socket, answerFailure))
  // A server may ignore an `Expect` header other than 100-continue (RFC 9110 section 10.1.1). Node would answer 417 without a body.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  setTimeouts()
  await listen(server, host, port)
  const stop = async (how: 'draining' | 'retiring', { noticeMs, drainMs }: DrainTimes): Promise<void> => {
    phase = how
    // Closes the port alone: `close` of a server of HTTP also closes idle connections.
    const closed = new Promise<void>((resolve) => server.once('close', resolve))
    if (how === 'retiring') NetServer.prototype.close.call(server)
    const isWatched = performance.now() - askedAt < UNASKED_MS || (await connectionsOf(server)) > 0
    if (isWatched) await wait(noticeMs)
    isClosing = true
    server.close()
    const cut = setTimeout(() => server.closeAllConnections(), drainMs)
    await closed
    clearTimeout(cut)
    lateness?.stop()
    await Promise.all([...leaving, current.backend.close()])
  }
  const leaving = new Set<Promise<void>>()
  let drained: Promise<void> | null = null
  return {
    url: urlOf(server, host),
    underWay: () => requests,
    async replace(next) {
      const before = current
      current = lend(next)
      setTimeouts()
      const left = whenIdle(before).then(() => before.backend.close())
      leaving.add(left)
      await left.finally(() => leaving.delete(left))
    },
    drain(times) {
      drained ??= stop('draining', times)
      return drained
    },
    retire(times) {
      drained ??= stop('retiring', times)
      return drained
    },
  }
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((error, count) => resolve(error === null ? count : 1)))
}

function lend(backend: Answering): Lent {
  return { backend, underWay: 0, idle: null }
}

function whenIdle(lent: Lent): Promise<void> {
  return new Promise((resolve) => {
    lent.idle = resolve
    if (lent.underWay === 0) resolve()
  })
}

function pathOf(request: IncomingMessage): string | undefined {
  return request.url?.split('?', 1)[0]
}

function sendRefusal(response: ServerResponse, { status, headers, body }: TextAnswer, more: Readonly<Record<string, string>>): void {
  response.writeHead(status, { ...SECURITY_HEADERS, ...more, ...headers, 'content-length': Buffer.byteLength(body ?? '') }).end(body)
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(unavailable(error, host, port)))
    server.listen({ host, port }, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

function unavailable(error: NodeJS.ErrnoException, host: string, port: number): EnvironmentError {
  const free = port === 3000 ? 4000 : 3000
  switch (error.code) {
    case 'EADDRINUSE':
      return new EnvironmentError(`port ${port} is in use on ${host}`, `stop what listens there, or take another port: PORT=${free}`, {
        cause: error,
      })
    case 'EACCES':
      return new EnvironmentError(`port ${port} may not be used by this user`, `take a port above 1023: PORT=${free}`, { cause: error })
    default:
      return new EnvironmentError(`cannot listen on ${host}, port ${port} (${error.code})`, 'set HOST to an address of this machine', {
        cause: error,
      })
  }
}

/** The URL for a client on this machine: `localhost` when the server listens on all networks. */
function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  const everywhere = host === '0.0.0.0' || host === '::' || host === '127.0.0.1' || host === '::1'
  return `http://${everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`
}
