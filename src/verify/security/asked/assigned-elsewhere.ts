/** F203 through ways that are no create or change of one row: transactions, GraphQL, nested rows and registering. */

import type { Entity } from '../../../model/model.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestAnswered, requestsOf, type UsualRequest } from '../../cases/usual-request.ts'
import { type AbstractRequest, type BodyValues, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { answersAlike } from '../../expected/written-design.ts'
import { besideOf } from '../doors/guarded-fields.ts'
import { writeDoors } from '../doors/write-doors.ts'
import { isRefusedAnswer, type SecurityProbe } from '../probes.ts'
import { creating, creatorOf } from '../spoiled-bodies.ts'
import { type AssignedKey, keysOf } from './assigned-keys.ts'

/** A way to send a body, and one that succeeds. */
interface Way {
  readonly name: string
  readonly user: string | null
  readonly body: BodyValues
  readonly keys: readonly AssignedKey[]
  readonly send: (body: BodyValues) => SentOverHttp
}

type Write = Extract<AbstractRequest, { kind: 'create' | 'update' }>

/** One probe for each way; it sends each key. */
export function assignedElsewhere(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const create = requestAnswered(asking, { entity, verb: 'create', statuses: [201] })
  const update = requestAnswered(asking, { entity, verb: 'update', statuses: [200] })
  const ways = [
    ...(create === null ? [] : documentWays(asking, entity, create)),
    ...(update === null ? [] : documentWays(asking, entity, update)),
    ...registerWay(asking, entity),
    ...nestedWays(asking, entity),
  ]
  return ways.filter(({ keys }) => keys.length > 0).map(probeOf)
}

function probeOf({ name, user, body, keys, send }: Way): SecurityProbe {
  return {
    goal: `all/${name}`,
    user,
    async ask(tools) {
      const token = tools.tokenOf(user)
      const why = 'no caller may set this field'
      let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
      for (const key of keys) {
        const sent = send(Object.fromEntries([...Object.entries(body).filter(([own]) => own !== key.name), [key.name, key.value]]))
        const answer = await tools.send({ ...sent, body: JSON.stringify(sent.body), token })
        last = { sent, answer }
        if (!isRefusedAnswer(sent, answer))
          return { wrong: `${key.name}: status ${answer.status}: ${answer.text.slice(0, 200)}`, statuses: [400], why, sent, answer }
      }
      const { sent, answer } = last ?? { sent: send(body), answer: await tools.send({ ...send(body), token }) }
      return { wrong: null, statuses: [400], why, sent, answer }
    },
  }
}

/** Fields with a rule of their own that refuses this caller. */
function guardedKeys(
  { reference }: PlannedWorld,
  entity: Entity,
  { user, of }: { readonly user: string | null; readonly of: (key: AssignedKey) => Write },
): readonly AssignedKey[] {
  const written = reference.design.entities[entity.name]?.fields ?? {}
  return entity.fields.flatMap((field): readonly AssignedKey[] => {
    if (written[field.name]?.write === undefined || field.type.kind !== 'choice') return []
    const key = { name: field.name, value: field.type.values.at(-1), isUnknown: false }
    return expectationOf(reference, user, of(key)).statuses.every((status) => status >= 400) ? [key] : []
  })
}

/** Every door of a create or a change, beside those that send one name at a time. */
function documentWays(asking: PlannedWorld, entity: Entity, { user, request }: UsualRequest): readonly Way[] {
  if (request.kind !== 'create' && request.kind !== 'update') return []
  const body = request.kind === 'create' ? (request.rows[0] ?? {}) : request.body
  const having = (changed: BodyValues): Write =>
    request.kind === 'create' ? { ...request, rows: [changed] } : { ...request, body: changed }
  const guarded = guardedKeys(asking, entity, { user, of: ({ name, value }) => having({ ...body, [name]: value }) })
  return writeDoors(asking, { entity, user, request, beside: besideOf(asking, entity, user) })
    .filter(({ name }) => !SINGLE.has(name))
    .map(({ name, requestWith }) => {
      const keys = keysOf(asking, entity, { verb: name === 'transaction-replace' ? 'replace' : request.kind, user })
      // Names that no design has are refused by the same code at doors that are much alike.
      const some = FIRST.has(name) ? keys : keys.filter(({ isUnknown }) => !isUnknown)
      return { name, user, body, keys: [...some, ...guarded], send: requestWith }
    })
}

/** Doors that are asked with each name alone, or as nobody. */
const SINGLE: ReadonlySet<string> = new Set(['create', 'create-many', 'patch', 'put', 'register'])

/** Doors at which all names are sent. */
const FIRST: ReadonlySet<string> = new Set(['transaction-create', 'transaction-update', 'graphql-create', 'graphql-update'])

/** Registering, with fields that give rights. */
function registerWay(asking: PlannedWorld, entity: Entity): readonly Way[] {
  const { reference } = asking
  const { model, design } = reference
  if (model.identity?.entity !== entity.name || answersAlike(design.entities[entity.name])) return []
  const found = requestAnswered(asking, { entity, verb: 'create', statuses: [201] }, ({ user }) => user === null)
  if (found?.request.kind !== 'create') return []
  const { request } = found
  const [body = {}] = request.rows
  const registering = (changed: BodyValues): Write => ({ ...request, rows: [changed], by: 'register' })
  const keys = [
    ...keysOf(asking, entity, { verb: 'create', user: null }),
    ...guardedKeys(asking, entity, { user: null, of: ({ name, value }) => registering({ ...body, [name]: value }) }),
  ]
  return [{ name: 'register', user: null, body, keys, send: (changed) => httpRequestOf(model, registering(changed)) }]
}

/** Rows that are created with their parent. */
function nestedWays(asking: PlannedWorld, entity: Entity): readonly Way[] {
  const { reference } = asking
  const { model } = reference
  return model.entities.flatMap((parent) =>
    parent.relations.flatMap(({ name, entity: child, via }): readonly Way[] => {
      const creator = child === entity.name ? creatorOf(asking, parent) : null
      if (creator === null || !reference.sightOf(creator.user).kind.writable(child).has(via)) return []
      const { user } = creator
      const own = [...requestsOf(asking, entity, 'create')].find((one) => one.user === user && one.expected.join() === '201')
      const [row = {}] = own?.request.kind === 'create' ? own.request.rows : []
      if (own === undefined) return []
      const body = Object.fromEntries(Object.entries(row).filter(([member]) => member !== via))
      const keys = [
        ...keysOf(asking, entity, { verb: 'create', user }),
        ...guardedKeys(asking, entity, { user, of: (key) => creating(entity, [{ ...row, [key.name]: key.value }]) }),
      ]
      const send = (changed: BodyValues): SentOverHttp =>
        httpRequestOf(model, creating(parent, [{ ...creator.good[0], [name]: [changed] }]))
      return [{ name: `nested-${parent.name}`, user, body, keys: keys.filter((key) => key.name !== via), send }]
    }),
  )
}
