/** Sends hundreds of requests at once from a separate thread, so that the measured times do not include the work of sending them. */

import { Agent, request } from 'node:http'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

export interface Sent {
  readonly method: string
  readonly path: string
  readonly token?: string
  readonly body?: unknown
}

export interface Seen {
  readonly status: number
  readonly retryAfter: string | null
  readonly code: string | null
  /** Milliseconds since the request was written. */
  readonly ms: number
}

interface Work {
  readonly port: number
  readonly requests: readonly Sent[]
}

/** Sends all requests at once and waits for all answers. */
export function flood(port: number, requests: readonly Sent[]): Promise<readonly Seen[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { port, requests } satisfies Work })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

/** Sends one request over an agent's connections. */
export function send(port: number, { method, path, token, body }: Sent, agent: Agent): Promise<Seen> {
  return new Promise((resolve, reject) => {
    let began = performance.now()
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const code = text === '' ? null : (JSON.parse(text).code ?? null)
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'] ?? null,
          code,
          ms: performance.now() - began,
        })
      })
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body), () => {
      began = performance.now()
    })
  })
}

if (!isMainThread && parentPort !== null) {
  const { port, requests } = workerData as Work
  const agent = new Agent({ keepAlive: true, maxSockets: requests.length })
  const seen = await Promise.all(requests.map((one) => send(port, one, agent)))
  agent.destroy()
  parentPort.postMessage(seen)
}
