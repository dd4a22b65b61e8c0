/** Serves the tools over HTTP, on loopback, to whoever has the token of the project. */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  type McpHttpHandler,
  originValidationResponse,
} from '@modelcontextprotocol/server'
import { EnvironmentError } from '../../base/environment-error.ts'
import { serverFactory } from './mcp-server.ts'
import type { Project } from './state/project.ts'
import { mcpFolder } from './state/state-files.ts'

const PATH = '/mcp'
const MAX_BODY_BYTES = 1_500_000
const TOKEN_BYTES = 32
/** Requests that are answered in a minute. */
const MOST_A_MINUTE = 300

/** A server that listens. */
export interface HttpServer {
  readonly url: string
  readonly server: Server
}

/** Listens on 127.0.0.1; the port 0 is a free one. @throws EnvironmentError for a port in use. */
export async function listenHttp(project: Project, port: number): Promise<HttpServer> {
  const handler = createMcpHandler(serverFactory(project), { maxRequestBodySize: MAX_BODY_BYTES })
  const answering: Answering = { handler, token: tokenOf(project.root), isTooMuch: countedMinutes() }
  const server = createServer((request, response) => void answer(request, response, answering).catch(() => response.destroy()))
  server.requestTimeout = 30_000
  server.maxConnections = 100
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen(port, '127.0.0.1', resolve)
  await promise.catch((error: Error) => {
    throw new EnvironmentError(`cannot listen on port ${port}: ${error.message}`, 'choose another: plinth mcp --http 0 takes a free one', {
      cause: error,
    })
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`, server }
}

/** The token of a project, which is made once, and only its owner can read. */
function tokenOf(root: string): string {
  const file = tokenFile(root)
  try {
    writeFileSync(file, randomBytes(TOKEN_BYTES).toString('base64url'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const token = readFileSync(file, 'utf8').trim()
  if (token.length >= TOKEN_BYTES) return token
  throw new EnvironmentError(`${file} holds no token`, 'delete it; the next start makes a new one')
}

/** The file of the token. */
export function tokenFile(root: string): string {
  return join(mcpFolder(root), 'token')
}

interface Answering {
  readonly handler: McpHttpHandler
  readonly token: string
  readonly isTooMuch: () => boolean
}

async function answer(request: IncomingMessage, response: ServerResponse, { handler, token, isTooMuch }: Answering): Promise<void> {
  const asked = requestOf(request, response)
  const refused = refusal(asked, { token, isTooMuch })
  const answered = refused ?? (await handler.fetch(asked))
  response.writeHead(answered.status, Object.fromEntries(answered.headers))
  if (answered.body === null) response.end()
  else await pipeline(Readable.fromWeb(answered.body as ReadableStream), response)
}

/** Pages of other origins, names that lead here, and callers without the token are refused before a body is read. */
function refusal(asked: Request, { token, isTooMuch }: Pick<Answering, 'token' | 'isTooMuch'>): Response | undefined {
  const elsewhere =
    hostHeaderValidationResponse(asked, localhostAllowedHostnames()) ?? originValidationResponse(asked, localhostAllowedOrigins())
  if (elsewhere !== undefined) return elsewhere
  if (new URL(asked.url).pathname !== PATH) return failed(404, `only ${PATH} is served`)
  if (isTooMuch()) return failed(429, 'too many requests; wait a minute', { 'retry-after': '60' })
  const sent = /^Bearer +(\S+)$/i.exec(asked.headers.get('authorization') ?? '')?.[1] ?? ''
  if (isSame(sent, token)) return undefined
  return failed(401, 'send Authorization: Bearer with the token in .plinth/mcp/token', { 'www-authenticate': 'Bearer' })
}

function isSame(sent: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(sent), digest(token))
}

function failed(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json({ jsonrpc: '2.0', error: { code: -32_000, message }, id: null }, { status, headers })
}

function requestOf(request: IncomingMessage, response: ServerResponse): Request {
  const { method = 'GET', url = '/', headers } = request
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const list = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one): [string, string] => [name, one]))
  const body =
    method === 'GET' || method === 'HEAD' ? {} : { body: Readable.toWeb(request) as ReadableStream<Uint8Array>, duplex: 'half' as const }
  return new Request(new URL(url, 'http://127.0.0.1'), { method, headers: list, signal: gone.signal, ...body })
}

/** Counts requests, and says whether there were too many in this minute. */
function countedMinutes(): () => boolean {
  let minute = 0
  let count = 0
  return () => {
    const now = Math.floor(Date.now() / 60_000)
    count = now === minute ? count + 1 : 1
    minute = now
    return count > MOST_A_MINUTE
  }
}
