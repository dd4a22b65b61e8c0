/** An HTTP server in the place of a service. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface UpstreamRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Upstream {
  readonly url: string
  readonly requests: UpstreamRequest[]
  /** Answers the requests from now on. */
  answer: (request: UpstreamRequest, response: ServerResponse) => void
  close(): Promise<void>
}

/** Answers with JSON. */
export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Upstream['answer'] {
  return (_, response) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}

/** Starts a server that answers `{}` until the test says otherwise. */
export async function startUpstream(t: Pick<TestContext, 'after'>, port = 0): Promise<Upstream> {
  const requests: UpstreamRequest[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    response.on('error', () => {})
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const received = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    }
    requests.push(received)
    upstream.answer(received, response)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  t.after(close)
  const upstream: Upstream = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, answer: json({}), close }
  return upstream
}
