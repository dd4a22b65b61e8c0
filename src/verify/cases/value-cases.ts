/** The cases of the family `values`: what a body may hold in each field, created and changed by callers who may do so. */

import type { Entity, Field } from '../../model/model.ts'
import { type AbstractRequest, ALL, type BodyValues } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import type { Standpoint } from '../expected/expected.ts'
import { type FieldValue, fieldValues } from '../expected/field-values.ts'
import { isLive, type ReferenceBackend } from '../expected/reference.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { Case } from './case.ts'
import { type Api, hasApi } from './doors.ts'
import { newBody, unpaired } from './new-body.ts'
import { otherValue, type PlannedWorld } from './questions.ts'

/** Rows of which variants with other references are tried for a create. */
const MOST_UNPAIRED = 6

/** A field and the values that are tried. */
export interface ValuePlan {
  /** `values/Post.title`. */
  readonly id: string
  readonly path: readonly string[]
  /** The labels of the values that some case sends. */
  readonly asked: readonly string[]
  /** The labels of values that no caller can send. */
  readonly open: readonly string[]
}

/** One field, its plan and its cases. */
interface Planned {
  readonly plan: ValuePlan
  readonly cases: readonly Case[]
}

/** A write of values by a caller. */
export interface ValueWrite<R extends AbstractRequest = AbstractRequest> {
  readonly user: string | null
  readonly write: (body: BodyValues) => R
  /** The values with which the write succeeds, beside that of the field. */
  readonly body: BodyValues
}

/** A create of one row. */
export type CreateWrite = ValueWrite<Extract<AbstractRequest, { kind: 'create' }>>

/** A change of one row, with a value that the field may become. */
export interface ChangeWrite extends ValueWrite<Extract<AbstractRequest, { kind: 'update' }>> {
  readonly usual: unknown
}

/** A write that succeeds with the usual value of the field. */
interface Way extends ValueWrite {
  readonly door: string
  readonly api: Api
}

/** The cases about every field that somebody can send. */
export function valueCases(asking: PlannedWorld): readonly Planned[] {
  const { model, design } = asking.reference
  return model.entities.flatMap((entity) =>
    entity.fields.flatMap((field): readonly Planned[] => {
      const written = design.entities[entity.name]?.fields[field.name]
      const values = written === undefined || written.set !== undefined ? [] : fieldValues(written)
      return values.length === 0 ? [] : [planField(asking, entity, { field, values })]
    }),
  )
}

function planField(
  asking: PlannedWorld,
  entity: Entity,
  { field, values }: { readonly field: Field; readonly values: readonly FieldValue[] },
): Planned {
  const id = `values/${entity.name}.${field.name}`
  const ways = waysOf(asking, entity, field)
  const cases = ways.flatMap((way) => values.flatMap((value) => caseOf(asking.reference, { id, field, value, way })))
  const asked = new Set(cases.flatMap(({ goals }) => goals))
  // A change that leaves a field out leaves it as it is, so that a field of which no row can be created is never absent.
  const isCreated = callersOf(asking.world).some((user) => asking.reference.sightOf(user).kind.mayHold(entity.name, 'create'))
  const labels = values.map(({ label }) => label).filter((label) => isCreated || label !== 'absent')
  return {
    plan: {
      id,
      path: ['entities', entity.name, 'fields', field.name],
      asked: labels.filter((label) => asked.has(label)),
      open: labels.filter((label) => !asked.has(label)),
    },
    cases,
  }
}

interface Asked {
  readonly id: string
  readonly field: Field
  readonly value: FieldValue
  readonly way: Way
}

function caseOf(reference: ReferenceBackend, { id, field, value: { label, value, allowed }, way }: Asked): readonly Case[] {
  const isChange = way.door !== 'create' && way.door !== 'graphql-create'
  // A change without the field leaves it as it is. GraphQL takes one value for a list with one item (specification, section 3.11).
  if (value === undefined && isChange) return []
  if (way.api === 'graphql' && isItem(field, value)) return []
  const { [field.name]: _, ...others } = way.body
  const body = value === undefined ? others : { ...others, [field.name]: value }
  const request = way.write(body)
  if (!hasApi(reference.model, way.api)) return []
  const one = { claim: id, door: way.door, api: way.api, user: way.user, request, goals: [label], atoms: {} }
  return [{ ...one, name: `${id}/${label}/${way.door}`, ...(allowed ? {} : { refused: field.name }) }]
}

/** A create and a change with this field, by the first callers who may do them. */
function waysOf(asking: PlannedWorld, entity: Entity, field: Field): readonly Way[] {
  const create = createOf(asking, entity, field)
  const change = changeOf(asking, entity, field)
  return [
    ...(create === null
      ? []
      : [{ ...create, door: 'create', api: 'rest' } as const, { ...create, door: 'graphql-create', api: 'graphql' } as const]),
    ...(change === null
      ? []
      : [{ ...change, door: 'patch', api: 'rest' } as const, { ...change, door: 'graphql-update', api: 'graphql' } as const]),
  ]
}

/** The writes that are known, by field. Rows and callers of a world never change. */
const creates = new WeakMap<PlannedWorld, Map<string, CreateWrite | null>>()
const changes = new WeakMap<PlannedWorld, Map<string, ChangeWrite | null>>()

function remembered<T>(known: WeakMap<PlannedWorld, Map<string, T>>, asking: PlannedWorld, key: string): (find: () => T) => T {
  const ofWorld = known.get(asking) ?? new Map<string, T>()
  known.set(asking, ofWorld)
  return (find) => {
    if (!ofWorld.has(key)) ofWorld.set(key, find())
    return ofWorld.get(key) as T
  }
}

/**
 * A create by the first caller who may send the field; null if there is none.
 *
 * @param users the callers who are tried; all unless given.
 */
export function createOf(
  asking: PlannedWorld,
  entity: Entity,
  field: Field,
  users: readonly (string | null)[] = callersOf(asking.world),
): CreateWrite | null {
  const known = remembered(creates, asking, `${entity.name}.${field.name} ${users.join()}`)
  return known(() => firstCreate(asking, entity, { field, users }))
}

interface Creating {
  readonly field: Field
  readonly users: readonly (string | null)[]
}

function firstCreate({ reference }: PlannedWorld, entity: Entity, { field, users }: Creating): CreateWrite | null {
  const rows = (reference.rows().get(entity.name) ?? []).filter(isLive)
  const write: CreateWrite['write'] = (row) => ({ kind: 'create', entity: entity.name, rows: [row], many: false, selected: ALL })
  return first(users, (user) => {
    const at: Standpoint = { reference, user, sight: reference.sightOf(user), entity }
    if (!at.sight.kind.writable(entity.name).has(field.name)) return null
    const likeRows = [...rows, ...rows.slice(0, MOST_UNPAIRED).flatMap((row) => unpaired(at, row))]
    return first(likeRows, (row, n) => {
      const body = newBody(at, row, { n: 800 + n, needed: [] })
      return succeeds(reference, user, write(body)) ? { user, write, body } : null
    })
  })
}

/** A change of the field alone by the first caller who may do it; null if there is none. */
export function changeOf(asking: PlannedWorld, entity: Entity, field: Field): ChangeWrite | null {
  return remembered(changes, asking, `${entity.name}.${field.name}`)(() => firstChange(asking, entity, field))
}

function firstChange({ reference, world }: PlannedWorld, entity: Entity, field: Field): ChangeWrite | null {
  if (field.immutable) return null
  const rows = (reference.rows().get(entity.name) ?? []).filter(isLive)
  return first(callersOf(world), (user) => {
    if (!reference.sightOf(user).kind.writable(entity.name).has(field.name)) return null
    return first(rows, (row) => {
      const usual = changedValue(field, row[field.name] ?? null)
      if (usual === undefined || usual === null) return null
      const target = { kind: 'update', entity: entity.name, mode: 'patch', id: String(row.id), version: null, selected: ALL } as const
      const write: ChangeWrite['write'] = (body) => ({ ...target, body })
      return succeeds(reference, user, write({ [field.name]: usual })) ? { user, write, body: {}, usual } : null
    })
  })
}

/** Whether a value may be an item of a list, by its JSON type. */
function isItem({ type }: Field, value: unknown): boolean {
  if (type.kind !== 'list') return false
  const scalar = type.of.kind === 'scalar' ? type.of.scalar : 'text'
  if (typeof value === 'number') return ['integer', 'decimal', 'number', 'json'].includes(scalar)
  return typeof value === 'string' || scalar === 'json' || (typeof value === 'boolean' && scalar === 'boolean')
}

/** The accounts of a world, and an anonymous caller. */
function callersOf({ accounts }: PlannedWorld['world']): readonly (string | null)[] {
  return [...accounts, null]
}

/** A value that a change may give to the field; of a reference the present one. */
function changedValue(field: Field, value: PlainValue): unknown {
  if (field.type.kind === 'password') return 'Sample-Passphrase-10'
  return field.type.kind === 'ref' ? value : otherValue(field, value)
}

function succeeds(reference: ReferenceBackend, user: string | null, request: AbstractRequest): boolean {
  return expectationOf(reference, user, request).statuses.every((status) => status < 300)
}

/** The first result that is not null. */
function first<T, R>(items: readonly T[], find: (item: T, index: number) => R | null): R | null {
  for (const [i, item] of items.entries()) {
    const found = find(item, i)
    if (found !== null) return found
  }
  return null
}
