/** Requests that name one row, in each way in which a row can be named. The same request can be made for any id. */

import { restBase } from '../../model/address/served.ts'
import { fileFieldsOf } from '../../model/files/file-fields.ts'
import type { Entity } from '../../model/model.ts'
import { hasApi } from '../cases/doors.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { requestFor } from '../cases/usual-request.ts'
import { type AbstractRequest, ALL, httpRequestOf, type SentOverHttp } from '../expected/abstract-request.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import { actionRequest, whyNoRequest } from '../requests/action-request.ts'
import { schemaNamesOf } from '../requests/graphql-words.ts'
import { GRAPHQL } from '../requests/transport-graphql.ts'
import { TRANSACTION } from '../requests/transport-transaction.ts'
import { fileDoors } from './files/stored-files.ts'

/** A way to name a row. */
export interface RowDoor {
  readonly name: string
  readonly to: (id: string) => SentOverHttp
}

/** A caller, and a row that gives the values of changes. */
export interface AtRow {
  readonly entity: Entity
  readonly user: string | null
  readonly row: PlainRow
}

type OfRow = Extract<AbstractRequest, { kind: 'get' | 'update' | 'delete' }>

/** All doors to a row. Whether the caller may use them is another question. */
export function rowDoors(asking: PlannedWorld, { entity, user, row }: AtRow): readonly RowDoor[] {
  const { reference } = asking
  const { model } = reference
  const at = `${restBase(model)}/${entity.path}`
  const get: OfRow = { kind: 'get', entity: entity.name, id: '', selected: ALL }
  const remove: OfRow = { kind: 'delete', entity: entity.name, id: '', version: null }
  const patch = updateOf(requestFor(asking, { entity, user, row, verb: 'update', n: 0 })) ?? emptyChange(entity)
  const put = updateOf(requestFor(asking, { entity, user, row, verb: 'replace', n: 0 }))
  const rest = (name: string, request: OfRow, headers?: Readonly<Record<string, string>>): RowDoor => ({
    name,
    to: (id) => {
      const sent = httpRequestOf(model, { ...request, id })
      return headers === undefined ? sent : { ...sent, headers: { ...sent.headers, ...headers } }
    },
  })
  const plain = (name: string, method: string, query = ''): RowDoor => ({
    name,
    to: (id) => ({ method, url: `${at}/${encodeURIComponent(id)}${query}` }),
  })
  const caller = { reference, user, sight: reference.sightOf(user) }
  const through = (api: 'graphql' | 'transaction', transport: typeof GRAPHQL): readonly RowDoor[] =>
    hasApi(model, api)
      ? [['get', get] as const, ['update', patch] as const, ['delete', remove] as const].map(([name, request]) => ({
          name: `${api}-${name}`,
          to: (id: string) => transport.encode(caller, transport.adapt(caller, { ...request, id }), null),
        }))
      : []
  return [
    rest('get', get),
    plain('head', 'HEAD'),
    plain('options', 'OPTIONS'),
    plain('get-fields', 'GET', '?fields=id'),
    rest('get-unless-any', get, { 'if-none-match': '*' }),
    rest('patch', patch),
    rest('patch-stale', patch, { 'if-match': '"999999"' }),
    rest('patch-any', patch, { 'if-match': '*' }),
    ...(put === null ? [] : [rest('put', put), rest('put-stale', put, { 'if-match': '"999999"' })]),
    rest('delete', remove),
    rest('delete-stale', remove, { 'if-match': '"999999"' }),
    ...fileFieldsOf(entity).flatMap((field) => fileDoors(model, { entity, field })),
    ...deliveryDoors(asking, entity),
    ...actionDoors(asking, entity),
    ...inputDoors(asking, entity),
    ...through('transaction', TRANSACTION),
    ...through('graphql', GRAPHQL),
    ...nodeDoor(asking, entity),
  ]
}

/** Actions by the rules of their callers that take rows of the entity as input. */
function inputDoors({ reference }: PlannedWorld, { name }: Entity): readonly RowDoor[] {
  return reference.model.actions.flatMap((action): readonly RowDoor[] => {
    const { entity, as, inputs } = action
    const own = inputs.find(({ type, from }) => type.kind === 'reference' && type.entity === name && type.by === 'id' && from.in === 'body')
    if (entity !== null || as !== 'caller' || own === undefined || own.from.inside !== undefined) return []
    const request = whyNoRequest(reference, action) === null ? actionRequest(reference, { action, row: null, n: 1_950 }) : null
    if (request === null) return []
    const { sent } = request
    const idAs = (id: string): unknown => (typeof (sent.body as Body)[own.from.name] === 'number' ? Number(id) : id)
    return [{ name: `input-${action.name}`, to: (id) => ({ ...sent, body: { ...(sent.body as Body), [own.from.name]: idAs(id) } }) }]
  })
}

type Body = Readonly<Record<string, unknown>>

/** The row by its id among all entities. It says its type and its id, so that verify makes it of them. */
function nodeDoor({ reference }: PlannedWorld, entity: Entity): readonly RowDoor[] {
  if (!hasApi(reference.model, 'graphql')) return []
  const type = schemaNamesOf({ reference }, entity).types.get('') ?? entity.name
  const to = (id: string): SentOverHttp => ({
    method: 'POST',
    url: '/graphql',
    body: {
      query: 'query ($id: ID!) { node(id: $id) { __typename } }',
      variables: { id: Buffer.from(`${type}:${id}`).toString('base64url') },
    },
  })
  return [{ name: 'graphql-node', to }]
}

function updateOf(request: AbstractRequest | null): Extract<AbstractRequest, { kind: 'update' }> | null {
  return request?.kind === 'update' ? request : null
}

function emptyChange({ name }: Entity): Extract<AbstractRequest, { kind: 'update' }> {
  return { kind: 'update', entity: name, mode: 'patch', id: '', body: {}, version: null, selected: ALL }
}

/** The messages to a subscription. */
function deliveryDoors({ reference: { model } }: PlannedWorld, { name, path }: Entity): readonly RowDoor[] {
  if (!model.webhooks.some((one) => one.kind === 'subscribed' && one.entity === name)) return []
  const to = (id: string, more = ''): string => `${restBase(model)}/${path}/${encodeURIComponent(id)}/deliveries${more}`
  return [
    { name: 'deliveries', to: (id) => ({ method: 'GET', url: to(id) }) },
    { name: 'deliveries-page', to: (id) => ({ method: 'GET', url: to(id, '?page[size]=1') }) },
    { name: 'deliveries-one', to: (id) => ({ method: 'GET', url: to(id, '/evt_1_0000000000000000') }) },
    { name: 'deliveries-replay', to: (id) => ({ method: 'POST', url: to(id, '/evt_1_0000000000000000/replay') }) },
  ]
}

/** Actions of rows that are found by their id, without input. */
function actionDoors({ reference: { model } }: PlannedWorld, { name }: Entity): readonly RowDoor[] {
  return model.actions.flatMap((action): readonly RowDoor[] => {
    const { address, entity } = action
    const place = address.row
    if (entity !== name || place === null || place.by !== 'id' || address.signed !== null) return []
    const to = (id: string): SentOverHttp => ({
      method: address.method,
      url: address.path.replace(`{${place.parameter}}`, encodeURIComponent(id)),
      ...(address.method === 'GET' ? {} : { body: {} }),
    })
    return [{ name: `action-${action.name}`, to }]
  })
}
