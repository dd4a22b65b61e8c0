/** Requests from a chosen address of the loopback range, so that a server sees several clients on one machine. */

import { Agent, request } from 'node:http'

/** One request of one client. */
export interface Asking {
  readonly port: number
  /** The client's address: 127.0.0.1, 127.0.0.2, … */
  readonly from: string
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly token: string | null
  /** JSON text. */
  readonly body: string | null
  /** Milliseconds until the client closes the connection without an answer; never when absent. */
  readonly hangUpMs?: number
}

export interface Told {
  /** The status of the answer; 0 when the connection ended without one. */
  readonly status: number
  /** Milliseconds from the start of the request to the end of its answer. */
  readonly ms: number
  /** Bytes of the answer's body. */
  readonly bytes: number
}

/** Every request has its own connection, so that a slow connection of one client does not delay another. */
const AGENT = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY })

/** Sends a request and waits for the whole answer. Never rejects. */
export function ask({ port, from, method, path, token, body, hangUpMs }: Asking): Promise<Told> {
  const began = performance.now()
  return new Promise((resolve) => {
    const end = (status: number, bytes: number) => resolve({ status, ms: performance.now() - began, bytes })
    const headers = {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    }
    const sent = request({ host: '127.0.0.1', port, localAddress: from, method, path, headers, agent: AGENT }, (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      response.on('end', () => end(response.statusCode ?? 0, bytes))
      response.on('error', () => end(0, bytes))
    })
    sent.on('error', () => end(0, 0))
    if (hangUpMs !== undefined) setTimeout(() => sent.destroy(), hangUpMs)
    sent.end(body ?? undefined)
  })
}
