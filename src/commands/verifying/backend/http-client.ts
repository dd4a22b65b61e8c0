/** Sends requests to a running backend over HTTP, on connections that stay open. */

import { Agent as HttpAgent, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { type Answered, NO_ANSWER } from '../../../verify/expected/answered.ts'
import type { SentRequest } from '../../../verify/run/stage.ts'

/** A client of one backend. */
export interface HttpClient {
  /** @throws Error when there is no answer within the time limit, or the connection breaks. */
  readonly ask: (asked: SentRequest) => Promise<Answered>
  readonly close: () => void
}

const CONNECTIONS = 16
const TIMEOUT_MS = 30_000
/** The most bytes of an answer. */
const LONGEST_ANSWER = 32 * 1024 * 1024

/**
 * Opens a client. It follows no redirects.
 *
 * @param url may have a path, under which the backend is.
 * @param scheme the word before the token in `Authorization`.
 */
export function openHttpClient(url: string, scheme: string): HttpClient {
  const { protocol, pathname, origin } = new URL(url)
  const options = { keepAlive: true, maxSockets: CONNECTIONS }
  const agent = protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options)
  const under = `${origin}${pathname.replace(/\/+$/, '')}`
  return { ask: (asked) => send(new URL(`${under}${asked.url}`), { asked, agent, scheme }), close: () => agent.destroy() }
}

/**
 * Asks a backend under test. A connection that breaks is one of its answers, which has no status (`NO_ANSWER`) and the reason as its text.
 */
export async function answeredAnyway({ ask }: HttpClient, asked: SentRequest): Promise<Answered> {
  try {
    return await ask(asked)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { status: NO_ANSWER, headers: {}, text: error.message, json: undefined }
  }
}

interface Sending {
  readonly asked: SentRequest
  readonly agent: HttpAgent | HttpsAgent
  readonly scheme: string
}

function send(url: URL, { asked, agent, scheme }: Sending): Promise<Answered> {
  const { method, body, token } = asked
  const payload = body === undefined ? undefined : typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const headers = {
    ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
    ...(token === null ? {} : { authorization: `${scheme} ${token}` }),
    ...asked.headers,
  }
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps : requestHttp
    const outgoing = request(url, { method, agent, headers, timeout: TIMEOUT_MS }, (incoming) => {
      const chunks: Buffer[] = []
      let size = 0
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > LONGEST_ANSWER) outgoing.destroy(new Error(`the answer to ${method} ${url.pathname} is longer than 32 MB`))
        else chunks.push(chunk)
      })
      incoming.on('error', reject)
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        const isJson = String(incoming.headers['content-type'] ?? '').includes('json')
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text,
          json: isJson && text !== '' ? parsed(text) : undefined,
        })
      })
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer to ${method} ${url.pathname} within 30 s`)))
    outgoing.on('error', reject)
    outgoing.end(payload)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
