/**
 * Upserts by each key of an entity: the row that has its values is changed, and no other one. The new row of the request may have the
 * values of another row in another key, which decides nothing if a row is found, and is refused if none is.
 */

import type { Entity } from '../../../model/model.ts'
import type { Case } from '../../cases/case.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import { otherValue, type PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { type KeyNames, keysFor, upsertingCreate, upsertingUpdate } from '../../cases/upsert-doors.ts'
import { requestsOf } from '../../cases/usual-request.ts'
import type { AbstractRequest, BodyValues } from '../../expected/abstract-request.ts'
import { expectationOf } from '../../expected/expectation.ts'
import type { Standpoint } from '../../expected/expected.ts'
import { isLive } from '../../expected/reference.ts'
import { uniquesOf } from '../../expected/written-design.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import { familyOfCases } from './family-of-cases.ts'

const CLAIM = 'values/upsert-keys'

type Create = Extract<AbstractRequest, { kind: 'create' }>
type Update = Extract<AbstractRequest, { kind: 'update' }>

/** The claim about the keys of upserts. */
export function upsertKeyCases(asking: PlannedWorld): readonly PlannedFamily[] {
  if (!hasApi(asking.reference.model, 'upsert')) return []
  const cases = asking.reference.model.entities.flatMap((entity) => ofEntity(asking, entity))
  return familyOfCases(
    {
      id: CLAIM,
      claim: 'An upsert finds its row by the key that it names, and by no other one.',
      oracle: 'the reference of GraphQL: a change of the row that has the values of the key, or a create',
      text: 'each unique constraint, of one field or of several: an upsert that finds a row, and one that finds none; with the values of another row in each other key',
      untested: [],
    },
    cases,
  )
}

function ofEntity(asking: PlannedWorld, entity: Entity): readonly Case[] {
  const { reference } = asking
  const keys = uniquesOf(reference.design.entities[entity.name]).flatMap(({ names, where }) => (where === 'true' ? [names] : []))
  const usual = keys.find((names) => names.length === 1) ?? []
  return keys.flatMap((key) => {
    const asked = {
      key,
      others: keys.filter((other) => !other.some((name) => key.includes(name))),
      // What the first key of one field leads to is asked by the cases about access.
      isUsual: isSame(key, usual),
    }
    return asked.isUsual && asked.others.length === 0
      ? []
      : [
          ...finding(asking, { ...asked, found: foundBy(asking, entity, key) }),
          ...making(asking, { ...asked, found: madeWith(asking, entity, key) }),
        ]
  })
}

interface Keyed<Request> {
  readonly key: KeyNames
  /** The keys that have none of its fields. */
  readonly others: readonly KeyNames[]
  readonly isUsual: boolean
  /** The first upsert by the key that succeeds, with its caller; null if there is none. */
  readonly found: { readonly at: Standpoint; readonly upsert: Request } | null
}

/** An upsert that finds a row by the key. */
function foundBy(asking: PlannedWorld, entity: Entity, key: KeyNames): Keyed<Update>['found'] {
  const { reference } = asking
  for (const { user, request, expected } of requestsOf(asking, entity, 'update')) {
    if (request.kind !== 'update' || expected.join() !== '200') continue
    const at = { reference, user, sight: reference.sightOf(user), entity }
    const row = reference.find(entity.name, request.id)
    if (row === undefined || !hasKey(at, row, key)) continue
    const change = key.some((name) => Object.hasOwn(request.body, name)) ? changeBeside(at, request, row) : request
    const upsert = change === null ? null : upsertingUpdate(at, change, key)
    if (upsert !== null) return { at, upsert }
  }
  return null
}

/** A change of a field that is in no key; null if none succeeds. */
function changeBeside(at: Standpoint, request: Update, row: PlainRow): Update | null {
  const { reference, user, sight, entity } = at
  const keyed = new Set(uniquesOf(reference.design.entities[entity.name]).flatMap(({ names }) => names))
  const writable = sight.kind.writable(entity.name)
  for (const field of entity.fields) {
    if (keyed.has(field.name) || !writable.has(field.name) || field.immutable || !['scalar', 'choice', 'list'].includes(field.type.kind))
      continue
    const change = { ...request, body: { [field.name]: otherValue(field, row[field.name] ?? null) } }
    if (change.body[field.name] !== undefined && expectationOf(reference, user, change).statuses.join() === '200') return change
  }
  return null
}

/** An upsert that creates a row with new values of the key. */
function madeWith(asking: PlannedWorld, entity: Entity, key: KeyNames): Keyed<Create>['found'] {
  const { reference } = asking
  for (const { user, request, expected } of requestsOf(asking, entity, 'create')) {
    if (request.kind !== 'create' || expected.join() !== '201') continue
    const at = { reference, user, sight: reference.sightOf(user), entity }
    const upsert = keysFor(at, request.rows[0] ?? {}, null).some((names) => isSame(names, key)) ? upsertingCreate(at, request, key) : null
    if (upsert !== null) return { at, upsert }
  }
  return null
}

/** Upserts that change a row; one has a new row with the value of another row in another key. */
function finding(asking: PlannedWorld, { found, key, others, isUsual }: Keyed<Update>): readonly Case[] {
  if (found === null) return []
  const { at, upsert } = found
  const { where = {}, create = {} } = upsert.upsert ?? {}
  const taken = others.map((other) => valuesOfAnother(at, other, upsert.id)).find((values) => values !== null)
  const name = `${at.entity.name}.${key.join('_')}`
  const beside: Update = { ...upsert, upsert: { where, create: { ...create, ...taken } } }
  return [
    ...(isUsual ? [] : caseOf(asking, { at, request: upsert, goal: `${name}/found` })),
    ...(taken === undefined ? [] : caseOf(asking, { at, request: beside, goal: `${name}/found-beside-taken` })),
  ]
}

/** Upserts that create a row; one is refused, since another row has the value of another key. */
function making(asking: PlannedWorld, { found, key, others, isUsual }: Keyed<Create>): readonly Case[] {
  if (found === null) return []
  const { at, upsert } = found
  const taken = others.map((other) => valuesOfAnother(at, other, null)).find((values) => values !== null)
  const name = `${at.entity.name}.${key.join('_')}`
  const refused: Create = { ...upsert, rows: [{ ...upsert.rows[0], ...taken }] }
  const isTaken = taken !== undefined && expectationOf(at.reference, at.user, refused).statuses.join() === '409'
  return [
    ...(isUsual ? [] : caseOf(asking, { at, request: upsert, goal: `${name}/made` })),
    ...(isTaken ? caseOf(asking, { at, request: refused, goal: `${name}/taken` }) : []),
  ]
}

function caseOf(
  { reference }: PlannedWorld,
  { at: { user }, request, goal }: { readonly at: Standpoint; readonly request: AbstractRequest; readonly goal: string },
): readonly Case[] {
  const asked = { request, user, api: 'upsert' } as const
  if (isUnforeseen(reference, asked)) return []
  return [{ ...asked, name: `${CLAIM}/${goal}`, claim: CLAIM, door: 'upsert', goals: [goal], atoms: {} }]
}

function hasKey(at: Standpoint, row: PlainRow, key: KeyNames): boolean {
  return keysFor(at, row, row).some((names) => isSame(names, key))
}

function isSame(names: KeyNames, others: KeyNames): boolean {
  return names.join() === others.join()
}

/** The values that another row has in a key, if this caller is shown them, so that it may know that they are taken. */
function valuesOfAnother(at: Standpoint, names: KeyNames, id: string | null): BodyValues | null {
  const rows = (at.reference.rows().get(at.entity.name) ?? []).filter((row) => isLive(row) && String(row.id) !== id)
  const other = rows.find((row) => at.sight.sees(at.entity.name, row) && hasKey(at, row, names))
  return other === undefined ? null : Object.fromEntries(names.map((name) => [name, other[name]]))
}
