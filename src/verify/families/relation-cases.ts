/** The cases of the family `relations`: what a reference may name, what else a delete removes, and what remains of a deleted row. */

import { type Entity, entityNamed, type Field } from '../../model/model.ts'
import type { Case } from '../cases/case.ts'
import { type Api, hasApi } from '../cases/doors.ts'
import type { PlannedFamily } from '../cases/family-plan.ts'
import { newBody } from '../cases/new-body.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { isUnforeseen } from '../cases/unforeseen.ts'
import { type AbstractRequest, ALL, type BodyValues } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import { isLive } from '../expected/reference.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import { checkCases } from './check-cases.ts'
import { deleteCases } from './delete-cases.ts'

const TARGETS: readonly Target[] = ['visible', 'hidden', 'deleted', 'missing', 'other-entity']
const MOST_VALUES = 4
const MOST_TEMPLATES = 6

/** The claims about references and deletes. */
export function relationCases(asking: PlannedWorld): readonly PlannedFamily[] {
  const { model, design } = asking.reference
  const references = model.entities.flatMap((entity) =>
    entity.fields.flatMap((field) => {
      const isSent = design.entities[entity.name]?.fields[field.name]?.set === undefined
      return field.type.kind === 'ref' && isSent ? [referenceFamily(asking, entity, field)] : []
    }),
  )
  return [...references, ...deleteCases(asking), ...checkCases(asking)].filter(({ plan }) => plan.asked.length + plan.untested.length > 0)
}

/** To what kind of row a reference is sent. */
type Target = 'visible' | 'hidden' | 'deleted' | 'missing' | 'other-entity'

/** A write of the reference by a caller, which succeeds with some row. */
interface Way {
  readonly door: string
  readonly api: Api
  readonly write: (value: unknown) => AbstractRequest
}

function referenceFamily(asking: PlannedWorld, entity: Entity, field: Field): PlannedFamily {
  const { reference, world } = asking
  const id = `relations/${entity.name}.${field.name}`
  const { type } = field
  const target = type.kind === 'ref' ? type.entity : ''
  const isSoft = reference.design.entities[target]?.softDelete === true
  const found = new Map<string, Case>()
  let isHidden = false
  for (const user of [...world.accounts, null]) {
    const sight = reference.sightOf(user)
    if (!sight.kind.writable(entity.name).has(field.name)) continue
    const rows = reference.rows().get(target) ?? []
    isHidden ||= rows.some((row) => isLive(row) && !sight.sees(target, row))
    for (const way of waysOf(asking, { entity, field, user })) {
      for (const kind of TARGETS) {
        const goal = `${kind}/${way.door}`
        if (found.has(goal)) continue
        const one = valuesOf(asking, { kind, target, user })
          .map((value) => ({ user, api: way.api, request: way.write(value) }))
          .find(({ request, ...by }) => isWanted(asking, kind, { ...by, request }))
        if (one === undefined) continue
        found.set(goal, { ...one, name: `${id}/${goal}`, claim: id, door: way.door, goals: [goal], atoms: {} })
      }
    }
  }
  const doors = [...new Set([...found.keys()].map((goal) => goal.split('/')[1] ?? ''))]
  const impossible = TARGETS.filter((kind) => (kind === 'hidden' && !isHidden) || (kind === 'deleted' && !isSoft))
  const all = doors.flatMap((door) => TARGETS.map((kind) => `${kind}/${door}`))
  const asked = [...found.keys()]
  return {
    plan: {
      id,
      claim: `${entity.name}.${field.name} leads to a ${target} that the caller may read, and to nothing else.`,
      path: ['entities', entity.name, 'fields', field.name],
      oracle: 'a look at the rows in memory; a hidden row is compared with a missing one byte for byte',
      text: 'a visible, a hidden, a deleted and a missing row, and a row of another entity, in a create and in a change',
      what: 'references and deletes',
      asked,
      impossible: all.filter((goal) => !asked.includes(goal) && impossible.some((kind) => goal.startsWith(`${kind}/`))),
      untested: all.filter((goal) => !asked.includes(goal) && !impossible.some((kind) => goal.startsWith(`${kind}/`))),
    },
    cases: [...found.values()],
    probes: [],
  }
}

interface Asked {
  readonly user: string | null
  readonly api: Api
  readonly request: AbstractRequest
}

/** Whether the reference decides the answer: a visible row succeeds, and any other is refused as a reference. */
function isWanted({ reference }: PlannedWorld, kind: Target, asked: Asked): boolean {
  if (isUnforeseen(reference, asked)) return false
  const { statuses, hidden } = expectationOf(reference, asked.user, asked.request)
  return kind === 'visible' ? statuses.every((status) => status < 300) : hidden === 'references'
}

interface Wanted {
  readonly kind: Target
  readonly target: string
  readonly user: string | null
}

/** Ids to send. */
function valuesOf({ reference }: PlannedWorld, { kind, target, user }: Wanted): readonly unknown[] {
  const { model } = reference
  const rows = reference.rows().get(target) ?? []
  const sight = reference.sightOf(user)
  const ids = (of: readonly PlainRow[]) => of.slice(0, MOST_VALUES).map((row) => row.id)
  switch (kind) {
    case 'visible':
      return ids(rows.filter((row) => sight.sees(target, row)))
    case 'hidden':
      return ids(rows.filter((row) => isLive(row) && !sight.sees(target, row)))
    case 'deleted':
      return ids(rows.filter((row) => !isLive(row)))
    case 'missing':
      return typeof rows[0]?.id === 'number' ? [987_654_321] : ['01900000-0000-7000-8000-00000000dead']
    case 'other-entity': {
      const type = idTypeOf(entityNamed(model, target))
      const other = model.entities.find(
        (one) => one.name !== target && idTypeOf(one) === type && (reference.rows().get(one.name) ?? []).length > 0,
      )
      const own = new Set(rows.map((row) => row.id))
      return other === undefined ? [] : ids((reference.rows().get(other.name) ?? []).filter((row) => !own.has(row.id)))
    }
  }
}

function idTypeOf({ fields }: Entity): string {
  const type = fields.find(({ name }) => name === 'id')?.type
  return type?.kind === 'scalar' ? type.scalar : ''
}

interface Writing {
  readonly entity: Entity
  readonly field: Field
  readonly user: string | null
}

/** A create and a change in which the caller sends the field. */
function waysOf({ reference }: PlannedWorld, { entity, field, user }: Writing): readonly Way[] {
  const sight = reference.sightOf(user)
  const at = { reference, user, sight, entity }
  const rows = (reference.rows().get(entity.name) ?? []).filter(isLive)
  const succeeds = (request: AbstractRequest): boolean => expectationOf(reference, user, request).statuses.every((status) => status < 300)
  const create = (body: BodyValues): AbstractRequest => ({ kind: 'create', entity: entity.name, rows: [body], many: false, selected: ALL })
  const change = (row: PlainRow, body: BodyValues): AbstractRequest => ({
    kind: 'update',
    entity: entity.name,
    mode: 'patch',
    id: String(row.id),
    body,
    version: null,
    selected: ALL,
  })
  const ways = (rest: string, graphql: string, write: Way['write']): readonly Way[] => [
    { door: rest, api: 'rest', write },
    { door: graphql, api: 'graphql', write },
  ]
  const bodies = rows.slice(0, MOST_TEMPLATES).map((row, n) => newBody(at, row, { n: 1_100 + n, needed: [] }))
  const template =
    bodies.find((body) => Object.hasOwn(body, field.name) && succeeds(create(body))) ?? bodies.find((body) => succeeds(create(body)))
  const target = field.type.kind === 'ref' ? field.type.entity : ''
  const visible = (reference.rows().get(target) ?? []).filter((row) => sight.sees(target, row)).map((row) => row.id)
  const isChangeable = (row: PlainRow): boolean =>
    [...visible.slice(0, MOST_VALUES), row[field.name]].some(
      (value) => (value ?? null) !== null && succeeds(change(row, { [field.name]: value })),
    )
  const changed = field.immutable ? undefined : rows.slice(0, MOST_TEMPLATES * 2).find(isChangeable)
  return [
    ...(template === undefined ? [] : ways('create', 'graphql-create', (value) => create({ ...template, [field.name]: value }))),
    ...(changed === undefined ? [] : ways('patch', 'graphql-update', (value) => change(changed, { [field.name]: value }))),
  ].filter(({ api }) => hasApi(reference.model, api))
}
