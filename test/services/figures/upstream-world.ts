/** The upstream of the figures, the backend that calls it, and requests to the backend. */

import { type ChildProcess, fork } from 'node:child_process'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { migratedDatabase } from '../../support/database.ts'
import { figureModel } from './figure-design.ts'

/** How the upstream answers. */
export type Mode = keyof typeof MODES

const JSON_TYPE = { 'content-type': 'application/json' }

/** Sends a piece again and again until the client ends the connection, or `most` bytes are sent. */
function sendAll(
  response: ServerResponse,
  piece: Buffer,
  { everyMs, most }: { readonly everyMs: number | null; readonly most: number },
): void {
  let sent = 0
  response.writeHead(200, JSON_TYPE)
  const write = (): void => {
    while (!response.destroyed && sent < most) {
      sent += piece.length
      const goesOn = response.write(piece)
      if (everyMs !== null) return void setTimeout(write, everyMs)
      if (!goesOn) return void response.once('drain', write)
    }
    response.end()
  }
  write()
}

const MODES = {
  works: (response: ServerResponse) => response.writeHead(200, JSON_TYPE).end('{"ok":true}'),
  fails: (response: ServerResponse) => response.writeHead(500, JSON_TYPE).end('{}'),
  'sends 200 MB': (response: ServerResponse) => sendAll(response, Buffer.alloc(65_536, 0x20), { everyMs: null, most: 200_000_000 }),
  drips: (response: ServerResponse) => sendAll(response, Buffer.from(' '), { everyMs: 100, most: 1_000 }),
  redirects: (response: ServerResponse) => response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
  'answers HTML': (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>'),
  'nests a million levels': (response: ServerResponse) => response.writeHead(200, JSON_TYPE).end('['.repeat(1_000_000)),
  'has another charset': (response: ServerResponse) =>
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-16' }).end('{}'),
} satisfies Record<string, (response: ServerResponse) => void>

/** The modes of an upstream that attacks. */
export const UNSAFE: readonly Mode[] = (Object.keys(MODES) as Mode[]).slice(2)

/** The answer of an action, and milliseconds. */
export interface Answer {
  readonly status: number
  readonly code: string | null
  readonly ms: number
}

/** What the figures use. */
export interface UpstreamWorld {
  mode: Mode
  /** Requests that the upstream has got, by the service. */
  readonly requests: Map<string, number>
  /** Bytes that the upstream has sent since the last call of this function. */
  readonly sentBytes: () => number
  readonly breaker: { readonly state: string; readonly at: number }[]
  /** Calls an action of the backend. */
  readonly call: (service: string) => Promise<Answer>
  /** Milliseconds of a request to the backend that needs no upstream. @throws Error for another status than 200 */
  readonly read: (path: string) => Promise<number>
  readonly server: ChildProcess
  readonly close: () => Promise<void>
}

/** Starts an upstream, and a backend in a process of its own. */
export async function startUpstreamWorld(pause: string): Promise<UpstreamWorld> {
  const requests = new Map<string, number>()
  const sockets = new Set<Socket>()
  let before = 0
  const upstream = createServer((request, response) => {
    const service = request.url?.split('/')[1] ?? ''
    requests.set(service, (requests.get(service) ?? 0) + 1)
    response.on('error', () => {})
    request.resume().on('end', () => MODES[world.mode](response))
  })
  upstream.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const database = await migratedDatabase(figureModel(pause))
  const env = {
    ...process.env,
    DATABASE_URL: database.url,
    UPSTREAM_URL: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
    PAUSE: pause,
  }
  const server = fork(join(import.meta.dirname, 'figure-server.ts'), { env, execArgv: ['--conditions=source'] })
  const breaker: { state: string; at: number }[] = []
  const url = await new Promise<string>((resolve, reject) => {
    server.on('exit', (code) => reject(new Error(`the backend has ended with ${code}`)))
    server.on('message', (told: { readonly url?: string; readonly breaker?: string }) => {
      if (told.url !== undefined) resolve(told.url)
      if (told.breaker !== undefined) breaker.push({ state: told.breaker, at: performance.now() })
    })
  })
  const timed = async (path: string, body?: string): Promise<Answer> => {
    const began = performance.now()
    const init = body === undefined ? {} : { method: 'POST', body, headers: JSON_TYPE }
    const response = await fetch(`${url}${path}`, init)
    const answer = (await response.json().catch(() => null)) as { readonly code?: string } | null
    return { status: response.status, code: answer?.code ?? null, ms: performance.now() - began }
  }
  const world: UpstreamWorld = {
    mode: 'works',
    requests,
    breaker,
    sentBytes() {
      const all = [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0)
      const sent = all - before
      before = all
      return sent
    },
    call: (service) => timed(`/api/actions/${service}`, '{"mode":"charges"}'),
    async read(path) {
      const { status, ms } = await timed(path)
      if (status !== 200) throw new Error(`${path} answered ${status}`)
      return ms
    },
    server,
    async close() {
      server.removeAllListeners('exit')
      const ended = new Promise((resolve) => server.once('exit', resolve))
      server.disconnect()
      await ended
      upstream.closeAllConnections()
      await new Promise((resolve) => upstream.close(resolve))
      await database.drop()
    },
  }
  return world
}
