/** Answers requests while a backend starts: the port is open at once, and early requests wait instead of failing. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { SERVICE_ENDPOINTS } from '../../compile/endpoints/service-endpoints.ts'
import { JSON_TYPE, SECURITY_HEADERS } from '../http/headers.ts'
import type { Answering } from './server.ts'

/** Answers in place of the backend until the backend is ready. */
export interface Starting extends Answering {
  /** Passes the waiting requests to the backend, and all later requests that still arrive here. */
  readonly release: (backend: Answering) => void
}

/** Answers health at once (live, not ready); every other request waits for `release`. */
export function holdRequests(): Starting {
  let backend: Answering | null = null
  const waiting: (readonly [IncomingMessage, ServerResponse])[] = []
  return {
    handle(request, response) {
      const path = request.url?.split('?', 1)[0]
      if (backend !== null) backend.handle(request, response)
      else if (path === SERVICE_ENDPOINTS.getLiveness.path) answer(response, 200, 'live')
      else if (path === SERVICE_ENDPOINTS.getReadiness.path) answer(response, 503, 'starting')
      else waiting.push([request, response])
    },
    release(next) {
      backend = next
      for (const [request, response] of waiting.splice(0)) if (!response.destroyed) next.handle(request, response)
    },
    async close() {
      for (const [, response] of waiting.splice(0)) response.destroy()
    },
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  const retry = status === 503 ? { 'retry-after': '1' } : {}
  response.writeHead(status, { ...SECURITY_HEADERS, 'content-type': JSON_TYPE, ...retry }).end(JSON.stringify({ status: text }))
}
