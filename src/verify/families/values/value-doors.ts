/** Every door that sets a value of a field, with the request that has another value there. */

import { type Entity, entityNamed, type Field, hasHooksFor } from '../../../model/model.ts'
import { hasApi, WRITE_DOORS } from '../../cases/doors.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { upsertingCreate, upsertingUpdate } from '../../cases/upsert-doors.ts'
import { type ChangeWrite, type CreateWrite, changeOf, createOf } from '../../cases/value-cases.ts'
import { type BodyValues, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Standpoint } from '../../expected/expected.ts'
import { isLive } from '../../expected/reference.ts'
import { answersAlike } from '../../expected/written-design.ts'
import { withLiterals } from '../../requests/graphql-literals.ts'
import type { RequestTransport } from '../../requests/transport.ts'
import { GRAPHQL } from '../../requests/transport-graphql.ts'
import { TRANSACTION } from '../../requests/transport-transaction.ts'
import { UPSERT } from '../../requests/transport-upsert.ts'

/** A door of a write that would succeed with another value of the field. */
export interface ValueDoor {
  /** `create-bulk`, `graphql-update`. */
  readonly name: string
  readonly api: 'rest' | 'graphql'
  readonly user: string | null
  /** A value with which the write succeeds; undefined where the write has no value of the field. */
  readonly usual: unknown
  /** The values of the row that the write creates or changes, without those that it changes. */
  readonly values: BodyValues
  /** The request with these values in place of the usual ones. */
  readonly requestWith: (changed: BodyValues) => SentOverHttp
}

/** All doors of a field; none for a field that no caller may send, and for writes that hooks change. */
export function valueDoors(asking: PlannedWorld, entity: Entity, field: Field): readonly ValueDoor[] {
  const create = hasHooksFor(entity.hooks, 'create') ? null : createOf(asking, entity, field)
  const change = hasHooksFor(entity.hooks, 'update') ? null : changeOf(asking, entity, field)
  return [
    ...(create === null ? [] : createDoors(asking, entity, { field, create })),
    ...registerDoor(asking, entity, field),
    ...(create === null ? [] : nestedDoors(asking, entity, { field, create })),
    ...(change === null ? [] : changeDoors(asking, entity, { field, change })),
  ]
}

interface Creating {
  readonly field: Field
  readonly create: CreateWrite
}

function createDoors(asking: PlannedWorld, entity: Entity, { field, create }: Creating): readonly ValueDoor[] {
  const { reference } = asking
  const { model, design } = reference
  const { user, body, write } = create
  const at: Standpoint = { reference, user, sight: reference.sightOf(user), entity }
  const door = doorFor(at, { values: body, usual: body[field.name] })
  const bad = (changed: BodyValues): BodyValues => ({ ...body, ...changed })
  const plain = door('create', null, (changed) => write(bad(changed)))
  // The answer about a new account is hidden in other requests than that for this account alone.
  if (answersAlike(design.entities[entity.name])) return [plain]
  const upsert = upsertingCreate(at, write(body))
  const second = (changed: BodyValues) => ({ ...write(body), rows: [body, bad(changed)], many: true }) as const
  return [
    plain,
    door('create-many', null, second),
    door('create-bulk', null, (changed) => ({ ...second(changed), by: 'bulk' })),
    ...(hasApi(model, 'transaction') ? [door('transaction', TRANSACTION, (changed) => write(bad(changed)))] : []),
    ...(hasApi(model, 'graphql')
      ? [
          door('graphql-create', GRAPHQL, (changed) => write(bad(changed))),
          door('graphql-literal', LITERALS, (changed) => write(bad(changed))),
          door('graphql-many', GRAPHQL, second),
        ]
      : []),
    ...(upsert === null || !hasApi(model, 'upsert') || Object.hasOwn(upsert.upsert?.where ?? {}, field.name)
      ? []
      : [door('upsert', UPSERT, (changed) => ({ ...upsert, rows: [bad(changed)] }))]),
  ]
}

/** A registration by a stranger. */
function registerDoor(asking: PlannedWorld, entity: Entity, field: Field): readonly ValueDoor[] {
  const { reference } = asking
  if (reference.model.identity?.entity !== entity.name || hasHooksFor(entity.hooks, 'create')) return []
  const create = createOf(asking, entity, field, [null])
  if (create === null) return []
  const at: Standpoint = { reference, user: null, sight: reference.sightOf(null), entity }
  const { body, write } = create
  const door = doorFor(at, { values: body, usual: body[field.name] })
  return [door('register', null, (changed) => ({ ...write({ ...body, ...changed }), by: 'register' }))]
}

/** A new row below a new parent: the first relation in which the caller may create both. */
function nestedDoors(asking: PlannedWorld, entity: Entity, { field, create }: Creating): readonly ValueDoor[] {
  const { reference } = asking
  const { model, design } = reference
  if (answersAlike(design.entities[entity.name])) return []
  for (const via of entity.fields) {
    if (via.type.kind !== 'ref' || via.type.inverse === null || via.name === field.name) continue
    const { entity: parentName, inverse } = via.type
    const parent = entityNamed(model, parentName)
    const isOpen = reference.sightOf(create.user).kind.writable(entity.name).has(via.name)
    const [key] = parent.fields.filter(({ system, type }) => system === null && type.kind !== 'file')
    if (!isOpen || key === undefined || answersAlike(design.entities[parentName]) || hasHooksFor(parent.hooks, 'create')) continue
    const own = createOf(asking, parent, key, [create.user])
    if (own === null) continue
    const inner = Object.fromEntries(Object.entries(create.body).filter(([name]) => name !== via.name))
    const request = own.write(own.body)
    const withRow = (changed: BodyValues) => ({ ...request, rows: [{ ...own.body, [inverse]: [{ ...inner, ...changed }] }] })
    const at: Standpoint = { reference, user: create.user, sight: reference.sightOf(create.user), entity: parent }
    return [doorFor(at, { values: inner, usual: create.body[field.name] })('nested', null, withRow)]
  }
  return []
}

interface Changing {
  readonly field: Field
  readonly change: ChangeWrite
}

function changeDoors(asking: PlannedWorld, entity: Entity, { field, change }: Changing): readonly ValueDoor[] {
  const { reference } = asking
  const { model } = reference
  const { user, write, usual } = change
  const at: Standpoint = { reference, user, sight: reference.sightOf(user), entity }
  const { id } = write({})
  const row = (reference.rows().get(entity.name) ?? []).filter(isLive).find((one) => String(one.id) === id) ?? null
  const door = doorFor(at, { values: row ?? {}, usual })
  const state = { user, row, body: { [field.name]: usual }, write: 'update', values: [], deciding: [], unlike: [] } as const
  const put = WRITE_DOORS.update.find(({ name }) => name === 'put')?.request({ ...at, state, field: null }) ?? null
  const upsert = upsertingUpdate(at, write({ [field.name]: usual }))
  return [
    door('patch', null, write),
    ...(put?.kind === 'update' ? [door('put', null, (changed) => ({ ...put, body: { ...put.body, ...changed } }))] : []),
    ...(hasApi(model, 'transaction') ? [door('transaction-patch', TRANSACTION, write)] : []),
    ...(hasApi(model, 'graphql') ? [door('graphql-update', GRAPHQL, write), door('graphql-literal-update', LITERALS, write)] : []),
    ...(upsert === null || !hasApi(model, 'upsert') ? [] : [door('upsert-update', UPSERT, (changed) => ({ ...upsert, body: changed }))]),
  ]
}

/** GraphQL with the values in the document. */
const LITERALS: RequestTransport = {
  ...GRAPHQL,
  encode: (caller, request, after) =>
    withLiterals(GRAPHQL.encode(caller, request, after), entityNamed(caller.reference.model, request.entity)),
}

type Written = ReturnType<CreateWrite['write']> | ReturnType<ChangeWrite['write']>

interface Usual {
  readonly values: BodyValues
  readonly usual: unknown
}

/** Makes doors of one caller. A transport of null is REST. */
function doorFor({ reference, user, sight }: Standpoint, { values, usual }: Usual) {
  const caller = { reference, user, sight }
  return (name: string, transport: RequestTransport | null, requestOf: (changed: BodyValues) => Written): ValueDoor => ({
    name,
    api: transport === null || transport === TRANSACTION ? 'rest' : 'graphql',
    user,
    usual,
    values,
    requestWith(changed) {
      const request = requestOf(changed)
      return transport === null ? httpRequestOf(reference.model, request) : transport.encode(caller, transport.adapt(caller, request), null)
    },
  })
}
