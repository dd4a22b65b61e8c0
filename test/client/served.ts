/** Backends on loopback for tests of clients, and a proxy that loses connections. */

import { request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { openTestBackend, type TestBackend } from '../../src/testing/open-test-backend.ts'

/** A backend of the blog that listens on loopback. */
export async function servedBlog(t: TestContext): Promise<{ readonly backend: TestBackend; readonly url: string }> {
  const backend = await openTestBackend(blog)
  t.after(() => backend.close())
  return { backend, url: await backend.app.listen({ port: 0, host: '127.0.0.1' }) }
}

/** What a proxy does with a request: passes it on, loses it before or after the backend has answered, or answers itself. */
export type Fate = 'pass' | 'lose' | 'lose-answer' | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }

/** A proxy between a client and a backend. */
export interface Proxy {
  readonly url: string
  /** The requests so far: method and path. */
  readonly requests: string[]
  /** The `Idempotency-Key` of each request, empty without one. */
  readonly keys: string[]
  /** The fates of the next requests, in order; `pass` for all after them. */
  fates: Fate[]
}

/** Starts a proxy on loopback. */
export async function startProxy(t: TestContext, to: string): Promise<Proxy> {
  const proxy: Proxy & { url: string } = { url: '', requests: [], keys: [], fates: [] }
  const server = createServer((request, response) => {
    proxy.requests.push(`${request.method} ${request.url}`)
    proxy.keys.push(String(request.headers['idempotency-key'] ?? ''))
    const fate = proxy.fates.shift() ?? 'pass'
    if (fate === 'lose') return void request.socket.destroy()
    if (typeof fate === 'object') return void response.writeHead(fate.status, fate.headers).end()
    const { method, headers } = request
    const asked = ask(`${to}${request.url}`, { ...(method === undefined ? {} : { method }), headers }, (answer) => {
      if (fate === 'lose-answer') answer.resume().on('end', () => request.socket.destroy())
      else answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers))
    })
    asked.on('error', () => request.socket.destroy())
    request.pipe(asked)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return proxy
}
