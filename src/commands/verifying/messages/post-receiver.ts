/** A web server on this machine that takes what the backend sends to webhooks and services, and keeps it. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { MessageTools, ReceivedPost, ReceiverAnswer } from '../../../verify/cases/message-case.ts'

/** A running receiver. */
export interface PostReceiver {
  /** `http://127.0.0.1:4000` */
  readonly origin: string
  readonly posts: () => readonly ReceivedPost[]
  readonly answerPosts: MessageTools['answerPosts']
  readonly close: () => Promise<void>
}

/** The most bytes of a body. */
const MOST_BYTES = 4 * 1024 * 1024
const TAKEN: ReceiverAnswer = { status: 204 }

/** Opens a receiver on a free port of 127.0.0.1. */
export async function openPostReceiver(): Promise<PostReceiver> {
  const posts: ReceivedPost[] = []
  let answer: (post: ReceivedPost) => ReceiverAnswer = () => TAKEN
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > MOST_BYTES) request.destroy()
      else chunks.push(chunk)
    })
    request.on('error', () => {})
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]))
      const post = { method: request.method ?? '', url: request.url ?? '', headers, body: Buffer.concat(chunks).toString('utf8') }
      posts.push(post)
      const { status, headers: own = {} } = answer(post)
      response.writeHead(status, own).end()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    posts: () => posts,
    answerPosts: (by) => {
      answer = by ?? (() => TAKEN)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
