/** Every door through which a row is created or changed, with the request that has another body there. */

import type { Entity } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import { replacementOf } from '../../cases/placed/replacement.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { upsertingCreate, upsertingUpdate } from '../../cases/upsert-doors.ts'
import { type AbstractRequest, type BodyValues, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Standpoint } from '../../expected/expected.ts'
import { answersAlike } from '../../expected/written-design.ts'
import { withLiterals } from '../../requests/graphql-literals.ts'
import type { RequestTransport } from '../../requests/transport.ts'
import { GRAPHQL } from '../../requests/transport-graphql.ts'
import { TRANSACTION } from '../../requests/transport-transaction.ts'
import { UPSERT } from '../../requests/transport-upsert.ts'

/** A create of one row, or a change. */
export type RowWrite = Extract<AbstractRequest, { kind: 'create' | 'update' }>

/** A door of a write. */
export interface WriteDoor {
  /** `create-bulk`, `graphql-update`. */
  readonly name: string
  /** The request with this body in place of the usual one. */
  readonly requestWith: (body: BodyValues) => SentOverHttp
}

/** A write that succeeds, and who sends it. */
export interface Writing {
  readonly entity: Entity
  readonly user: string | null
  readonly request: RowWrite
  /** A body of a further row, which can be created beside the usual one; null for none. */
  readonly beside?: BodyValues | null
}

/** All doors of a write. Registration is one if nobody is signed in. */
export function writeDoors({ reference }: PlannedWorld, { entity, user, request, beside = null }: Writing): readonly WriteDoor[] {
  const at: Standpoint = { reference, user, sight: reference.sightOf(user), entity }
  return request.kind === 'create' ? createDoors(at, request, beside) : changeDoors(at, request)
}

function createDoors(at: Standpoint, request: Extract<RowWrite, { kind: 'create' }>, beside: BodyValues | null): readonly WriteDoor[] {
  const { reference, entity, user } = at
  const { model, design } = reference
  const one = (body: BodyValues) => ({ ...request, rows: [body] })
  const second = (body: BodyValues) => ({ ...request, rows: beside === null ? [body] : [beside, body], many: true })
  const isAccount = model.identity?.entity === entity.name && user === null
  const upsert = answersAlike(design.entities[entity.name]) || !hasApi(model, 'upsert') ? null : upsertingCreate(at, request)
  return [
    rest(at, 'create', one),
    rest(at, 'create-many', second),
    rest(at, 'create-bulk', (body) => ({ ...second(body), by: 'bulk' })),
    ...(isAccount ? [rest(at, 'register', (body) => ({ ...one(body), by: 'register' }))] : []),
    ...(hasApi(model, 'transaction') ? [through(at, TRANSACTION, 'transaction-create', one)] : []),
    ...(hasApi(model, 'graphql')
      ? [
          through(at, GRAPHQL, 'graphql-create', one),
          through(at, LITERALS, 'graphql-literal', one),
          through(at, GRAPHQL, 'graphql-many', second),
        ]
      : []),
    ...(upsert === null ? [] : [through(at, UPSERT, 'upsert-create', (body) => ({ ...upsert, rows: [body] }))]),
  ]
}

function changeDoors(at: Standpoint, request: Extract<RowWrite, { kind: 'update' }>): readonly WriteDoor[] {
  const { model } = at.reference
  const row = at.reference.find(at.entity.name, request.id)
  const patch = (body: BodyValues) => ({ ...request, mode: 'patch', body }) as const
  const put = (body: BodyValues): RowWrite => (row === undefined ? patch(body) : replacementOf(at, row, body))
  const upsert = hasApi(model, 'upsert') ? upsertingUpdate(at, request) : null
  return [
    rest(at, 'patch', patch),
    rest(at, 'put', put),
    ...(hasApi(model, 'transaction')
      ? [through(at, TRANSACTION, 'transaction-update', patch), through(at, TRANSACTION, 'transaction-replace', put)]
      : []),
    ...(hasApi(model, 'graphql')
      ? [through(at, GRAPHQL, 'graphql-update', patch), through(at, LITERALS, 'graphql-literal-update', patch)]
      : []),
    ...(upsert === null ? [] : [through(at, UPSERT, 'upsert-update', (body) => ({ ...upsert, body }))]),
  ]
}

type WriteWith = (body: BodyValues) => RowWrite

function rest({ reference }: Standpoint, name: string, requestOf: WriteWith): WriteDoor {
  return { name, requestWith: (body) => httpRequestOf(reference.model, requestOf(body)) }
}

function through(at: Standpoint, transport: RequestTransport, name: string, requestOf: WriteWith): WriteDoor {
  return { name, requestWith: (body) => transport.encode(at, transport.adapt(at, requestOf(body)), null) }
}

/** GraphQL with the values in the document. */
const LITERALS: RequestTransport = {
  ...GRAPHQL,
  encode: (caller, request, after) => {
    const entity = caller.reference.model.entities.find(({ name }) => name === request.entity)
    const sent = GRAPHQL.encode(caller, request, after)
    return entity === undefined ? sent : withLiterals(sent, entity)
  },
}
