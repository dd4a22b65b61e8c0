/** A server that speaks the protocols of providers of language models, with answers that a test has written. */

import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { openai } from './model-answers.ts'

/** A request as it arrived. */
export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: {
    readonly model: string
    readonly system?: string
    readonly max_tokens?: number
    readonly max_completion_tokens?: number
    readonly messages: readonly { readonly role: string; readonly content: string }[]
  }
}

/** An answer. */
export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
}

/** A server that answers with these replies, one after the other; a text is an answer of the model. The last one is repeated. */
export async function modelServer(
  t: TestContext,
  replies: readonly (Reply | string)[],
): Promise<{ readonly url: string; readonly received: readonly Received[] }> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    received.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(Buffer.concat(parts).toString('utf8')) })
    const reply = replies[Math.min(received.length, replies.length) - 1] ?? ''
    const { status, headers, body } = typeof reply === 'string' ? openai(reply) : reply
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => new Promise((resolve) => server.close(resolve)))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}
