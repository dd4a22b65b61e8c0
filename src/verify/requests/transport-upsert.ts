/** Creates and changes as upserts of GraphQL, which find the row by a key. */

import { type Entity, entityNamed } from '../../model/model.ts'
import type { AbstractRequest } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import { inputValues, rootOf, schemaNamesOf } from './graphql-words.ts'
import type { RequestCaller, RequestTransport } from './transport.ts'
import { GRAPHQL, payloadOf } from './transport-graphql.ts'

/** Requests with an `upsert`. Others are sent as GraphQL sends them. */
export const UPSERT: RequestTransport = { adapt: GRAPHQL.adapt, expect: GRAPHQL.expect, encode, decode }

/** The values of the key, of the new row and of the change; null for a request that is no upsert. */
function partsOf(request: AbstractRequest) {
  if (request.kind === 'create' && request.upsert !== undefined) {
    const { where, update } = request.upsert
    return { where, create: request.rows[0] ?? {}, update, selected: request.selected }
  }
  if (request.kind === 'update' && request.upsert !== undefined) {
    const { where, create } = request.upsert
    return { where, create, update: request.body, selected: request.selected }
  }
  return null
}

function encode(caller: RequestCaller, request: AbstractRequest, after: string | null) {
  const parts = partsOf(request)
  if (parts === null) return GRAPHQL.encode(caller, request, after)
  const entity = entityOf(caller, request)
  const { types, upsert } = schemaNamesOf(caller, entity)
  const inputs = `$where: ${types.get('Key')}!, $create: ${types.get('CreateInput')}!, $update: ${types.get('UpdateInput')}!`
  const query = `mutation (${inputs}) { ${upsert}(where: $where, create: $create, update: $update) { created ${payloadOf(caller, entity, parts.selected)} } }`
  const [key, create, update] = [parts.where, parts.create, parts.update].map((values) => inputValues(entity, values))
  const names = Object.keys(parts.where)
  // The fields of a key stand under their joined names.
  const where = names.length === 1 ? key : { [names.join('_')]: key }
  return { ...GRAPHQL.encode(caller, request, after), body: { query, variables: { where, create, update } } }
}

/** The answer as that of a create or a change. An upsert that has done the other thing has a status that none has. */
function decode(caller: RequestCaller, request: AbstractRequest, answer: Answered): Answered {
  const names = schemaNamesOf(caller, entityOf(caller, request))
  const data: unknown = answer.json?.data
  if (partsOf(request) === null || typeof data !== 'object' || data === null || !(names.upsert in data))
    return GRAPHQL.decode(caller, request, answer)
  const payload = (data as Readonly<Record<string, { readonly created?: boolean } | null>>)[names.upsert] ?? null
  if (payload !== null && payload.created !== (request.kind === 'create')) return { ...answer, status: 599 }
  return GRAPHQL.decode(caller, request, { ...answer, json: { ...answer.json, data: { [rootOf(names, request)]: payload } } })
}

function entityOf({ reference }: RequestCaller, request: AbstractRequest): Entity {
  return entityNamed(reference.model, request.entity)
}
