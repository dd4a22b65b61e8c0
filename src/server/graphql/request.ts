/** The parameters of a request (GraphQL over HTTP, section 5). */

import { failure } from '../../base/failure.ts'
import { parseBody } from '../http/body.ts'
import { splitQuery } from '../rest/query-string.ts'

/** The parameters of a request (GraphQL over HTTP). */
export interface GraphqlRequest {
  readonly method: 'GET' | 'POST'
  readonly query: string | null
  /** The id of a document that the server knows. */
  readonly documentId: string | null
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
}

/** Reads a POST. A list of requests is refused, because it would avoid the limits of one request. @throws Failure `malformed_request`. */
export function readPost(body: unknown): GraphqlRequest {
  if (Array.isArray(body)) throw failure('malformed_request', { what: 'one request at a time; send an object, not a list' })
  const given = objectOf('the body', body) ?? {}
  objectOf('extensions', given.extensions)
  return {
    method: 'POST',
    query: textOf('query', given.query),
    documentId: textOf('documentId', given.documentId),
    operationName: textOf('operationName', given.operationName),
    variables: objectOf('variables', given.variables) ?? {},
  }
}

/** Reads a GET: the same parameters in the query string, objects as JSON. @throws Failure `malformed_request`. */
export function readGet(url: string): GraphqlRequest {
  const at = url.indexOf('?')
  const given = new Map(splitQuery(at < 0 ? '' : url.slice(at + 1)))
  const json = (name: string) => {
    const text = given.get(name)
    return text === undefined || text === '' ? null : objectOf(name, parseBody(Buffer.from(text)))
  }
  json('extensions')
  return {
    method: 'GET',
    query: given.get('query') ?? null,
    documentId: given.get('documentId') ?? null,
    operationName: given.get('operationName') || null,
    variables: json('variables') ?? {},
  }
}

function textOf(name: string, value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return value
  throw failure('malformed_request', { what: `${name} must be a text` })
}

function objectOf(name: string, value: unknown): Readonly<Record<string, unknown>> | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'object' && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>
  throw failure('malformed_request', { what: `${name} must be an object` })
}
