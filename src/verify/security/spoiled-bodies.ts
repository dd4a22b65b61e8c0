/** Bodies of creates that must be refused, each for one cause. */

import { sampleValue } from '../../compile/values/sample.ts'
import type { Entity } from '../../model/model.ts'
import { newBody } from '../cases/new-body.ts'
import { otherValue, type PlannedWorld } from '../cases/questions.ts'
import { isUnforeseen } from '../cases/unforeseen.ts'
import { requestsOf } from '../cases/usual-request.ts'
import { type AbstractRequest, ALL, type BodyValues } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import { fieldValues } from '../expected/field-values.ts'
import { isLive } from '../expected/reference.ts'
import { answersAlike, uniquesOf } from '../expected/written-design.ts'

/** A body that must be refused. */
export interface SpoiledBody {
  /** `limit`, `rule`, `unique`. */
  readonly cause: string
  readonly body: BodyValues
  /** The fields that differ from a body that succeeds. */
  readonly changed: readonly string[]
}

/** A caller who may create rows of an entity, with bodies that succeed and bodies that must be refused. */
export interface Creator {
  readonly user: string | null
  /** Bodies that succeed, also together. */
  readonly good: readonly BodyValues[]
  readonly bad: readonly SpoiledBody[]
}

/** A create of rows. */
export function creating({ name }: Entity, rows: readonly BodyValues[], many = false): Extract<AbstractRequest, { kind: 'create' }> {
  return { kind: 'create', entity: name, rows, many, selected: ALL }
}

const GOOD = 3

/** The first caller who may create rows, and whose creates can be foreseen; null if there is none. */
export function creatorOf(asking: PlannedWorld, entity: Entity): Creator | null {
  const { reference } = asking
  if (answersAlike(reference.design.entities[entity.name])) return null
  for (const { user, request, expected } of requestsOf(asking, entity, 'create')) {
    if (request.kind !== 'create' || expected.join() !== '201' || isUnforeseen(reference, { user, request, api: 'rest' })) continue
    const [body = {}] = request.rows
    const good = goodBodies(asking, entity, { user, body })
    if (good !== null) return { user, good, bad: spoiled(asking, entity, { user, body }) }
  }
  return null
}

interface Usual {
  readonly user: string | null
  readonly body: BodyValues
}

/** Copies of a body with other unique values. */
function goodBodies({ reference }: PlannedWorld, entity: Entity, { user, body }: Usual): readonly BodyValues[] | null {
  const singles = uniquesOf(reference.design.entities[entity.name]).flatMap(({ names }) => (names.length === 1 ? names : []))
  const copies = Array.from({ length: GOOD }, (_, i) => {
    const changes = singles.flatMap((name): readonly (readonly [string, unknown])[] => {
      const field = entity.fields.find((one) => one.name === name)
      return field === undefined || !Object.hasOwn(body, name) ? [] : [[name, sampleValue(field.type, 3_000 + i)]]
    })
    return { ...body, ...Object.fromEntries(changes) }
  })
  const succeed = (rows: readonly BodyValues[]): boolean =>
    expectationOf(reference, user, creating(entity, rows, true)).statuses.join() === '201'
  if (succeed(copies)) return copies
  // A constraint over several fields allows one such row.
  return succeed(copies.slice(0, 1)) ? copies.slice(0, 1) : null
}

function spoiled(asking: PlannedWorld, entity: Entity, usual: Usual): readonly SpoiledBody[] {
  const { reference } = asking
  const { user, body } = usual
  const isRefused = (one: BodyValues): boolean =>
    expectationOf(reference, user, creating(entity, [one])).statuses.every((status) => status >= 400)
  const found: readonly (readonly [string, BodyValues | null])[] = [
    ['limit', wrongValue(asking, entity, body)],
    ['unknown-name', { ...body, nothingOfThisName: 1 }],
    ['missing', withoutRequired(entity, body)],
    ['reference', strayReference(entity, body)],
  ]
  const judged: readonly (readonly [string, BodyValues | null])[] = [
    ['unique', takenValue(asking, entity, usual)],
    ['check', brokenCheck(asking, entity, usual)],
    ['rule', deniedBody(asking, entity, user)],
    ['hidden-reference', hiddenReference(asking, entity, usual)],
    ['field-rule', deniedField(asking, entity, usual)],
  ]
  return [
    ...found.flatMap(([cause, one]) => (one === null ? [] : [{ cause, body: one, changed: changedNames(body, one) }])),
    ...judged.flatMap(([cause, one]) => (one === null || !isRefused(one) ? [] : [{ cause, body: one, changed: changedNames(body, one) }])),
  ]
}

function changedNames(usual: BodyValues, body: BodyValues): readonly string[] {
  return [...new Set([...Object.keys(usual), ...Object.keys(body)])].filter(
    (name) => JSON.stringify(usual[name]) !== JSON.stringify(body[name]),
  )
}

/** A body with a value that the design does not allow, in the last field that has one: a faulty backend may have written what is before. */
function wrongValue({ reference }: PlannedWorld, entity: Entity, body: BodyValues): BodyValues | null {
  const fields = reference.design.entities[entity.name]?.fields ?? {}
  for (const name of Object.keys(body).toReversed()) {
    const written = fields[name]
    // GraphQL takes one value for a list with one item (specification, section 3.11).
    const wrong =
      written === undefined || written.type === 'list'
        ? undefined
        : fieldValues(written).find(({ allowed, value }) => !allowed && value !== undefined && value !== null)
    if (wrong !== undefined) return { ...body, [name]: wrong.value }
  }
  return null
}

function withoutRequired(entity: Entity, body: BodyValues): BodyValues | null {
  const name = entity.fields.find((field) => !field.optional && field.default === null && Object.hasOwn(body, field.name))?.name
  return name === undefined ? null : Object.fromEntries(Object.entries(body).filter(([own]) => own !== name))
}

function strayReference(entity: Entity, body: BodyValues): BodyValues | null {
  const field = entity.fields.find(({ name, type }) => type.kind === 'ref' && (body[name] ?? null) !== null)
  return field === undefined
    ? null
    : { ...body, [field.name]: typeof body[field.name] === 'number' ? 987_654_321 : '01900000-0000-7000-8000-00000000dead' }
}

/** A reference to a row that is there and that the caller may not read: no foreign key stops it. */
function hiddenReference({ reference }: PlannedWorld, entity: Entity, { user, body }: Usual): BodyValues | null {
  const sight = reference.sightOf(user)
  for (const { name, type } of entity.fields) {
    if (type.kind !== 'ref' || !sight.kind.writable(entity.name).has(name)) continue
    const hidden = (reference.rows().get(type.entity) ?? []).find((row) => isLive(row) && !sight.sees(type.entity, row))
    if (hidden !== undefined) return { ...body, [name]: hidden.id }
  }
  return null
}

/** A value that the rule of its field does not let this caller set. */
function deniedField({ reference }: PlannedWorld, entity: Entity, { user, body }: Usual): BodyValues | null {
  const written = reference.design.entities[entity.name]?.fields ?? {}
  const writable = reference.sightOf(user).kind.writable(entity.name)
  for (const field of entity.fields) {
    if (written[field.name]?.write === undefined || !writable.has(field.name) || field.type.kind === 'file') continue
    const value = otherValue(field, (body[field.name] ?? null) as never)
    const changed = { ...body, [field.name]: value }
    const isDenied = value !== undefined && expectationOf(reference, user, creating(entity, [changed])).statuses.join() === '403'
    if (isDenied) return changed
  }
  return null
}

function takenValue({ reference }: PlannedWorld, entity: Entity, { user, body }: Usual): BodyValues | null {
  const rows = (reference.rows().get(entity.name) ?? []).filter(isLive)
  for (const { names } of uniquesOf(reference.design.entities[entity.name])) {
    if (!names.every((name) => Object.hasOwn(body, name))) continue
    const row = rows.find((one) => names.every((name) => (one[name] ?? null) !== null))
    const same = { ...body, ...Object.fromEntries(names.map((name) => [name, row?.[name]])) }
    if (row !== undefined && expectationOf(reference, user, creating(entity, [same])).statuses.join() === '409') return same
  }
  return null
}

/** A body in which one field that a check reads has another value, so that the check does not hold. */
function brokenCheck({ reference }: PlannedWorld, entity: Entity, { user, body }: Usual): BodyValues | null {
  const checks = Object.values(reference.design.entities[entity.name]?.checks ?? {}).map(({ rule }) => rule)
  const rows = reference.rows().get(entity.name) ?? []
  for (const field of entity.fields) {
    if (!Object.hasOwn(body, field.name) || !checks.some((rule) => new RegExp(`\\b${field.name}\\b`).test(rule))) continue
    const values = new Set([...rows.map((row) => row[field.name] ?? null), otherValue(field, (body[field.name] ?? null) as never)])
    for (const value of values) {
      if (value === null || value === undefined) continue
      const changed = { ...body, [field.name]: value }
      if (expectationOf(reference, user, creating(entity, [changed])).statuses.join() === '400') return changed
    }
  }
  return null
}

/** A body with which the rule refuses this caller. */
function deniedBody(asking: PlannedWorld, entity: Entity, user: string | null): BodyValues | null {
  const { reference } = asking
  for (const one of requestsOf(asking, entity, 'create'))
    if (one.user === user && one.request.kind === 'create' && one.expected.join() === '403') return one.request.rows[0] ?? null
  // The bodies of rows that other callers may create.
  const at = { reference, user, sight: reference.sightOf(user), entity }
  for (const [n, row] of (reference.rows().get(entity.name) ?? []).filter(isLive).entries()) {
    const body = newBody(at, row, { n: 3_500 + n, needed: [] })
    if (expectationOf(reference, user, creating(entity, [body])).statuses.join() === '403') return body
  }
  return null
}
