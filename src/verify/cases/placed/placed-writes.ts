/** One write at every door, alone and at each place among others: what follows from it must not depend on that. */

import { type Entity, entityNamed, storedScalar } from '../../../model/model.ts'
import { type AbstractRequest, ALL, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { expectationOf } from '../../expected/expectation.ts'
import type { ExpectedChange, Standpoint } from '../../expected/expected.ts'
import { type AllRows, type ReferenceBackend, referenceOf } from '../../expected/reference.ts'
import { GRAPHQL } from '../../requests/transport-graphql.ts'
import { UPSERT } from '../../requests/transport-upsert.ts'
import { referringWrite, type SentWrite, writesAsDocument, writesAsTransaction } from '../../requests/writes-together.ts'
import { hasApi } from '../doors.ts'
import { isSingleKey } from '../new-body.ts'
import type { PlannedWorld } from '../questions.ts'
import { isUnforeseen } from '../unforeseen.ts'
import { upsertingUpdate } from '../upsert-doors.ts'
import { requestsOf, type UsualRequest } from '../usual-request.ts'
import { replacementOf } from './replacement.ts'

/** The longest id, which is a text, too. */
const ID_LENGTH = 36

/** A way to send a write. */
export interface PlacedWrite {
  /** `patch`, `graphql`, `transaction-middle`, `atomic-last`. */
  readonly place: string
  readonly sent: SentOverHttp
}

/** A write of one caller that must succeed. */
export interface PlacedRequest {
  readonly user: string | null
  readonly write: SentWrite
}

/** The doors of a write, and its places in transactions and documents, among changes that the caller may make as well. */
export function placedWrites(asking: PlannedWorld, { user, write }: PlacedRequest): readonly [PlacedWrite, ...PlacedWrite[]] {
  const { reference } = asking
  const { model } = reference
  const caller = { reference, user, sight: reference.sightOf(user) }
  const at: Standpoint = { ...caller, entity: entityNamed(model, write.entity) }
  const inGraphql = isInGraphql(reference, { user, write })
  const others = besides(asking, { user, write })
  const together = ORDERS.flatMap(([name, order]) => {
    const writes = order(write, others)
    return writes === null ? [] : [{ name, writes }]
  })
  return [
    { place: write.kind === 'update' ? 'patch' : write.kind, sent: httpRequestOf(model, write) },
    ...(write.kind === 'update' ? replacing(at, write) : []),
    ...(inGraphql ? [{ place: 'graphql', sent: GRAPHQL.encode(caller, GRAPHQL.adapt(caller, write), null) }] : []),
    ...(write.kind === 'update' && hasApi(model, 'upsert') ? upserting(at, write) : []),
    ...(hasApi(model, 'transaction')
      ? [
          ...together.map(({ name, writes }) => ({ place: `transaction-${name}`, sent: writesAsTransaction(model, writes) })),
          ...referring(at, write),
        ]
      : []),
    ...(inGraphql
      ? together.flatMap(({ name, writes }) => [
          { place: `document-${name}`, sent: writesAsDocument(reference, writes, '') },
          { place: `atomic-${name}`, sent: writesAsDocument(reference, writes, '@atomic') },
        ])
      : []),
  ]
}

/** Whether the schema of the caller has a mutation for a write that must succeed. */
export function isInGraphql(reference: ReferenceBackend, { user, write }: PlacedRequest): boolean {
  const caller = { reference, user, sight: reference.sightOf(user) }
  const { statuses } = GRAPHQL.expect(caller, write, expectationOf(reference, user, write))
  return hasApi(reference.model, 'graphql') && statuses[0] !== 400
}

/** Whether a write was done, and all that was sent with it. */
export function isDone({ status, json }: Answered): boolean {
  return status >= 200 && status < 300 && !(Array.isArray(json?.errors) && json.errors.length > 0)
}

type Order = (write: SentWrite, others: readonly SentWrite[]) => readonly SentWrite[] | null

const ORDERS: readonly (readonly [string, Order])[] = [
  ['first', (write, [one, two]) => (one === undefined ? null : [write, one, ...(two === undefined ? [] : [two])])],
  ['middle', (write, [one, two]) => (one === undefined || two === undefined ? null : [one, write, two])],
  ['last', (write, [one, two]) => (one === undefined ? null : [one, ...(two === undefined ? [] : [two]), write])],
]

/** Two changes of other rows, of another entity if there is one, that succeed before the write and after it. */
function besides(asking: PlannedWorld, { user, write }: PlacedRequest): readonly SentWrite[] {
  const { reference } = asking
  const later = referenceOf(reference.design, reference.model, rowsAfter(reference, expectationOf(reference, user, write).change))
  const entities = reference.model.entities.toSorted((a, b) => Number(a.name === write.entity) - Number(b.name === write.entity))
  const found: SentWrite[] = []
  for (const entity of entities) {
    for (const { request } of changesBy(asking, entity, user)) {
      if (found.length === 2) return found
      if (request.kind !== 'update' || (write.kind !== 'create' && request.id === write.id)) continue
      if (expectationOf(later, user, request).statuses.join() === '200') found.push(request)
    }
  }
  return found
}

function changesBy(asking: PlannedWorld, entity: Entity, user: string | null): readonly UsualRequest[] {
  const { reference } = asking
  return [...requestsOf(asking, entity, 'update')].filter(
    ({ user: by, request, expected }) =>
      by === user && expected.join() === '200' && !isUnforeseen(reference, { user, request, api: 'rest' }),
  )
}

function rowsAfter(reference: ReferenceBackend, change: ExpectedChange): AllRows {
  const rows = reference.rows()
  switch (change.kind) {
    case 'deleted':
      return new Map([...rows, ...change.rows])
    case 'updated':
      return new Map([
        ...rows,
        [change.entity, (rows.get(change.entity) ?? []).map((row) => (row.id === change.row.id ? change.row : row))] as const,
      ])
    case 'created':
    case 'none':
      return rows
  }
}

/** An operation that refers to an earlier answer is prepared when that is there. A create refers to the account of its caller. */
function referring({ reference, user, entity }: Standpoint, write: SentWrite): readonly PlacedWrite[] {
  const { model } = reference
  const isCreate = write.kind === 'create'
  const row = isCreate ? { entity: model.identity?.entity ?? '', id: user } : write
  const [body = {}] = isCreate ? write.rows : []
  const written = reference.design.entities[entity.name]?.fields ?? {}
  const field = entity.fields.find(({ name, type }) => {
    const { pattern, max = 0, min = 0 } = written[name] ?? {}
    const isText = type.kind === 'scalar' && type.scalar === 'text' && pattern === undefined && !isSingleKey(entity, name)
    return isText && Object.hasOwn(body, name) && Number(max) >= ID_LENGTH && Number(min) <= 1
  })
  const { id } = row
  if (id === null || (isCreate && field === undefined)) return []
  // The id of the account becomes a text.
  const isNumber = entityNamed(model, row.entity).fields.some(({ name, type }) => name === 'id' && storedScalar(type) === 'integer')
  if (isCreate && isNumber) return []
  const read = { kind: 'get', entity: row.entity, id, selected: ALL } as const
  if (expectationOf(reference, user, read).statuses.join() !== '200') return []
  const sent = referringWrite(model, { entity: row.entity, id }, write, field?.name ?? '')
  return [{ place: 'transaction-referring', sent }]
}

function replacing(at: Standpoint, write: Extract<AbstractRequest, { kind: 'update' }>): readonly PlacedWrite[] {
  const { reference, user, entity } = at
  const row = reference.find(entity.name, write.id)
  const put = row === undefined ? null : replacementOf(at, row, write.body)
  if (put === null || expectationOf(reference, user, put).statuses.join() !== '200') return []
  return [{ place: 'put', sent: httpRequestOf(reference.model, put) }]
}

function upserting(at: Standpoint, write: Extract<AbstractRequest, { kind: 'update' }>): readonly PlacedWrite[] {
  const upsert = upsertingUpdate(at, write)
  return upsert === null ? [] : [{ place: 'upsert', sent: UPSERT.encode(at, UPSERT.adapt(at, upsert), null) }]
}
