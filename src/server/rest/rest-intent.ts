/** Turns a REST request about an entity into an intent. */

import { failure } from '../../base/failure.ts'
import { allowedAt } from '../../compile/endpoints/endpoints.ts'
import { COLLECTION_PATH, ROW_PATH } from '../../compile/endpoints/row-endpoints.ts'
import type { BoundValues } from '../../design/expression/scope.ts'
import type { Entity } from '../../model/model.ts'
import { readPrefer } from '../http/prefer.ts'
import type { GetIntent, Intent, ListIntent } from '../plan/intent.ts'
import { readList, readNothing, readSelection, splitQuery } from './query-string.ts'

/** A request without its caller. */
export interface RestRequest {
  readonly method: string
  readonly entity: Entity
  /** The id in the path; null for the collection. */
  readonly id: string | null
  /** The query string without the `?`. */
  readonly query: string
  readonly ifMatch: string | null
  readonly prefer: string | null
  readonly body: unknown
  /** The bound values of the request, by the words that stand for them in filters. */
  readonly bound?: BoundValues
}

/** Reads the intent of a request; HEAD is like GET. @throws Failure for a method, parameter or header that the path does not allow. */
export function readIntent(request: RestRequest): Intent {
  return request.id === null ? collectionIntent(request) : rowIntent(request, request.id)
}

function collectionIntent({ method, entity, query, prefer, body, bound }: RestRequest): Intent {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return listIntent(entity, query, bound)
    case 'POST':
      return { kind: 'create', entity, body, selection: readSelection(splitQuery(query)), returning: readPrefer(prefer) }
    default:
      throw failure('method_not_allowed', { allow: allowedAt(COLLECTION_PATH) })
  }
}

/** Reads the query of a list. @throws Failure for unknown, repeated or malformed parameters. */
export function listIntent(entity: Entity, query: string, bound?: BoundValues): ListIntent {
  return { kind: 'list', entity, ...readList(splitQuery(query), bound) }
}

/** Reads the query of a get. @throws Failure for unknown, repeated or malformed parameters. */
export function getIntent(entity: Entity, id: string, query: string): GetIntent {
  return { kind: 'get', entity, id, selection: readSelection(splitQuery(query)) }
}

function rowIntent(request: RestRequest, id: string): Intent {
  const { method, entity, query, ifMatch } = request
  switch (method) {
    case 'GET':
    case 'HEAD':
      return getIntent(entity, id, query)
    case 'PATCH':
      return updateIntent(request, id, 'patch')
    case 'PUT':
      return updateIntent(request, id, 'put')
    case 'DELETE':
      readNothing(splitQuery(query))
      return { kind: 'delete', entity, id, versions: readVersions(ifMatch) }
    default:
      throw failure('method_not_allowed', { allow: allowedAt(ROW_PATH) })
  }
}

function updateIntent({ entity, query, ifMatch, prefer, body }: RestRequest, id: string, mode: 'patch' | 'put'): Intent {
  const selection = readSelection(splitQuery(query))
  return { kind: 'update', entity, id, mode, body, versions: readVersions(ifMatch), selection, returning: readPrefer(prefer) }
}

/**
 * The versions that If-Match allows; null for any. A weak tag never matches (RFC 9110 section 13.1.1), so a list of weak tags allows no
 * version.
 *
 * @throws Failure `malformed_request` for a value that is no list of entity tags.
 */
export function readVersions(ifMatch: string | null): readonly number[] | null {
  if (ifMatch === null || ifMatch.trim() === '*') return null
  return ifMatch.split(',').flatMap((one) => {
    const match = /^(W\/)?"([^"]{0,100})"$/.exec(one.trim())
    if (match === null) throw failure('malformed_request', { what: 'If-Match takes the ETag of an earlier answer, with its quotes' })
    const version = /^([1-9]\d{0,14})(\.[\w-]+)?$/.exec(match[2] ?? '')?.[1]
    return match[1] === undefined && version !== undefined ? [Number(version)] : []
  })
}
