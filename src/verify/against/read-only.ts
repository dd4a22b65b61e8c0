/** Which requests only read, and a guard that sends no others. */

import { parse } from 'graphql'
import type { SentOverHttp } from '../expected/abstract-request.ts'

/** A case wanted to send a request that may write, and was not allowed to. */
export class WriteNotAllowed extends Error {
  override readonly name = 'WriteNotAllowed'
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether a request only reads: a safe method (RFC 9110, 9.2.1) without a body, or a GraphQL document that has only queries. */
export function isReadOnly({ method, url, body, headers = {} }: SentOverHttp): boolean {
  // A server that takes another method from a header would not read.
  if (Object.keys(headers).some((name) => /method/i.test(name)) || /[?&]_method=/i.test(url)) return false
  if (SAFE_METHODS.has(method)) return body === undefined
  return method === 'POST' && url === '/graphql' && isQuery(body)
}

function isQuery(body: unknown): boolean {
  try {
    const asked: unknown = typeof body === 'string' ? JSON.parse(body) : body
    if (typeof asked !== 'object' || asked === null || !('query' in asked) || typeof asked.query !== 'string') return false
    const { definitions } = parse(asked.query)
    return definitions.every(
      (one) => one.kind === 'FragmentDefinition' || (one.kind === 'OperationDefinition' && one.operation === 'query'),
    )
  } catch {
    // What cannot be read here may mean something to the server.
    return false
  }
}

/** A sender of requests that only read. @throws WriteNotAllowed for any other request, before it is sent. */
export function readingOnly<T extends SentOverHttp, R>(send: (request: T) => Promise<R>): (request: T) => Promise<R> {
  return async (request) => {
    if (!isReadOnly(request)) throw new WriteNotAllowed(`${request.method} ${request.url} may write`)
    return send(request)
  }
}
