/**
 * A keep-alive connection that sends a request, waits for its answer, and repeats. It reads only status and length: the less processor time
 * the load generator takes, the more the server gets.
 */

import { connect } from 'node:net'

/** What the text of a request is made from. */
export interface RawRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** The access token of the caller; null for an anonymous caller. */
  readonly token: string | null
  /** The word before the token; `Bearer` unless given. */
  readonly scheme?: string
  /** JSON in ASCII; null for none. */
  readonly body: string | null
}

/** An open connection. */
export interface HttpConnection {
  /** Sends a request. Call it only when the request before is answered. */
  send(text: string): void
  close(): void
}

/** What is read of an answer. */
export interface HttpAnswer {
  readonly status: number
  /** Whether a GraphQL answer has errors; checked only when the connection was opened for it. */
  readonly errors: boolean
}

/** Whether a request was served. An answer of GraphQL with errors has the status 200 too. */
export function isAnswered({ status, errors }: HttpAnswer): boolean {
  return status >= 200 && status < 300 && !errors
}

/** What to read of the answers to these requests: looking for errors costs time, so it is done only where there is GraphQL. */
export function lookFor(texts: readonly string[]): 'status' | 'status and errors' {
  return texts.some((text) => text.startsWith(`POST ${GRAPHQL_PATH} `)) ? 'status and errors' : 'status'
}

/** Where GraphQL is served. */
export const GRAPHQL_PATH = '/graphql'

/** Functions that a connection calls. */
export interface Listener {
  answered(answer: HttpAnswer): void
  /** The server closed the connection or did not accept it. */
  lost(): void
}

/** Size of a connection's read buffer. Larger answers take several reads. */
const BUFFER_BYTES = 64 * 1024

/** The text of a request in HTTP/1.1. */
export function requestText({ method, path, token, scheme = 'Bearer', body }: RawRequest): string {
  const authorization = token === null ? '' : `authorization: ${scheme} ${token}\r\n`
  const head = `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${authorization}`
  return body === null ? `${head}\r\n` : `${head}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

/** Opens a connection to a port of this machine. Resolves when it is open; rejects when the server does not accept it. */
export function openHttpConnection(
  port: number,
  listener: Listener,
  look: { readonly for: 'status' | 'status and errors' },
): Promise<HttpConnection> {
  return new Promise((resolve, reject) => {
    const reader = openReader(look.for === 'status and errors')
    const socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(BUFFER_BYTES),
        callback(count, buffer) {
          const answer = reader.read(Buffer.from(buffer.buffer, buffer.byteOffset, count))
          if (answer !== null) listener.answered(answer)
          return true
        },
      },
    })
    let opened = false
    socket.on('connect', () => {
      opened = true
      resolve({
        send: (text) => {
          socket.write(text, 'latin1')
        },
        close: () => {
          opened = false
          socket.destroy()
        },
      })
    })
    socket.on('error', reject)
    socket.on('close', () => {
      if (opened) listener.lost()
    })
  })
}

interface Reader {
  /** Takes received bytes. Returns the answer when it is complete, null before. */
  read(bytes: Buffer): HttpAnswer | null
}

/** Where an answer ends: after a number of bytes, or with the last chunk. */
type Rest = { readonly kind: 'length'; missing: number } | { readonly kind: 'chunked' }

const END_OF_HEAD = '\r\n\r\n'
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/** Reads answers that come one at a time (no pipelining). */
function openReader(lookForErrors: boolean): Reader {
  let head = ''
  let status = 0
  let errors = false
  let rest: Rest | null = null

  function body(bytes: Buffer): HttpAnswer | null {
    if (lookForErrors && bytes.includes('"errors"')) errors = true
    if (rest?.kind === 'length') {
      rest.missing -= bytes.length
      if (rest.missing > 0) return null
    } else if (!bytes.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) return null
    const answer = { status, errors }
    head = ''
    errors = false
    rest = null
    return answer
  }

  return {
    read(bytes) {
      if (rest !== null) return body(bytes)
      const at = bytes.indexOf(END_OF_HEAD)
      if (at < 0) {
        head += bytes.toString('latin1')
        // The end of the head may be split between two reads.
        const cut = head.indexOf(END_OF_HEAD)
        if (cut < 0) return null
        const whole = Buffer.from(head, 'latin1')
        head = ''
        return this.read(whole)
      }
      head += bytes.toString('latin1', 0, at)
      status = Number(head.slice(9, 12))
      rest = restOf(head)
      return body(bytes.subarray(at + END_OF_HEAD.length))
    },
  }
}

function restOf(head: string): Rest {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length !== undefined) return { kind: 'length', missing: Number(length) }
  return /\r\ntransfer-encoding: *chunked/i.test(head) ? { kind: 'chunked' } : { kind: 'length', missing: 0 }
}
