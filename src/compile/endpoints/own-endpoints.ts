/** The endpoints at the addresses that a design gives its actions. */

import { LIMITS } from '../../base/limits.ts'
import type { Action } from '../../model/action.ts'
import { namesInPath } from '../../model/address/action-address.ts'
import type { Endpoint, ErrorStatus } from './endpoint.ts'

/** The endpoint of an action with an address of its own. */
export function ownEndpoint(action: Action): Endpoint {
  const { address, inputs, entity, reads, run } = action
  const { method } = address
  // A contract may send inputs in the body of a DELETE.
  const hasBody = (method !== 'GET' && method !== 'DELETE') || inputs.some(({ from }) => from.in === 'body')
  const isSigned = address.signed !== null
  const isIdempotent = !reads && !isSigned && run?.ownTransaction !== true
  const inHeaders = inputs.flatMap(({ from }) => (from.in === 'header' ? [from.name.toLowerCase()] : []))
  const headers = !reads && entity !== null ? (['IfMatch'] as const) : []
  const statuses: readonly (readonly [boolean, readonly ErrorStatus[]])[] = [
    [true, [400, 401, 403, 404, 406, 409, 429, 431, 500, 503]],
    [headers.length > 0, [412]],
    [hasBody, [413, 415]],
    [namesInPath(address.path).length > 0, [414]],
    [isIdempotent, [422]],
  ]
  return {
    method,
    path: routePath(address.path),
    presence: 'always',
    parameters: {
      query: method === 'GET' || inputs.some(({ from }) => from.in === 'query') ? 'read' : 'refused',
      headers,
      ...(inHeaders.length === 0 ? {} : { inputs: inHeaders }),
    },
    body: hasBody ? 'optional' : 'none',
    auth: isSigned ? 'none' : 'optional',
    // A message has an id of its own.
    idempotent: !reads && !isSigned,
    answers: address.redirect === null ? address.type : 'redirect',
    ...(address.accepts === 'form' ? { accepts: address.accepts } : {}),
    failures: statuses.flatMap(([holds, all]) => (holds ? all : [])).toSorted((a, b) => a - b),
    limit: { bodyBytes: LIMITS.bodyBytes, counted: true, transactionMs: null },
    description: null,
  }
}

/**
 * The path of a route for the path of an address: `/articles/:slug` for `/articles/{slug}`. In a segment with other signs, such as
 * `{name}.{format}`, each name takes one character or more, and the first as many as it can.
 */
export function routePath(path: string): string {
  const segments = path.split('/').map((segment) => {
    const plain = segment.replaceAll(':', '::')
    return /^\{\w+\}$/.test(segment) ? `:${segment.slice(1, -1)}` : plain.replaceAll(/\{(\w+)\}/g, ':$1(.+)')
  })
  return segments.join('/')
}
