/** A receiver of webhooks: an HTTP server that checks signatures with the library of Standard Webhooks. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { until } from '../events/events-world.ts'
import type { Ends } from '../support/backend.ts'

/** A message that has arrived. */
export interface Arrived {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The path of the request. */
  readonly path: string
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into data of any shape
  readonly data: any
}

export interface TestReceiver {
  readonly url: string
  /** All requests, in the order of their arrival. */
  readonly arrived: Arrived[]
  /** The status of the next answers, and their headers. */
  answer: { status: number; headers?: Readonly<Record<string, string>>; body?: string }
  /** Whether a message is one that the receiver takes; it takes all unless this is set. Others are answered 401. */
  accepts: ((message: Arrived) => boolean) | null
  /** The number of messages that were answered 401. */
  refused: number
  /** Waits until so many requests have arrived. */
  received(count: number): Promise<readonly Arrived[]>
  /** Stops listening; `open` listens again at the same port. */
  close(): Promise<void>
  open(): Promise<void>
}

/** The networks that receivers of tests are in. */
export const LOOPBACK = '127.0.0.1'

/** A secret of Standard Webhooks, the same for the same letter. */
export function secretOf(letter: string): string {
  return `whsec_${Buffer.alloc(32, letter).toString('base64')}`
}

/** What the library of Standard Webhooks says about a message: its content. @throws its error for a wrong signature */
export function verified(secret: string, { headers, body }: Arrived): unknown {
  return new Webhook(secret).verify(body, { ...headers })
}

/** Starts a receiver, which closes after the test. */
export async function startReceiver(t: Ends): Promise<TestReceiver> {
  const arrived: Arrived[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text) => {
      body += text
    })
    request.on('end', () => {
      const { type, data } = JSON.parse(body)
      const message = { headers: request.headers as Arrived['headers'], body, path: request.url ?? '', type, data }
      arrived.push(message)
      if (receiver.accepts?.(message) === false) {
        receiver.refused++
        return void response.writeHead(401).end()
      }
      response.writeHead(receiver.answer.status, receiver.answer.headers).end(receiver.answer.body ?? '')
    })
  })
  let port = 0
  const open = () => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  await open()
  port = (server.address() as AddressInfo).port
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const receiver: TestReceiver = {
    url: `http://127.0.0.1:${port}/hook`,
    arrived,
    answer: { status: 204 },
    accepts: null,
    refused: 0,
    received: (count) => until(`${count} webhooks`, () => (arrived.length >= count ? arrived : null)),
    close,
    open,
  }
  return receiver
}
