/** The doors of upserts: the same writes, of rows that a key leads to. */

import type { AbstractRequest, BodyValues } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import type { Standpoint } from '../expected/expected.ts'
import { answersAlike, uniquesOf } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import { newBody } from './new-body.ts'
import { harmless } from './questions.ts'

type Create = Extract<AbstractRequest, { kind: 'create' }>
type Update = Extract<AbstractRequest, { kind: 'update' }>

/** A key of an upsert: the names of its fields. */
export type KeyNames = readonly string[]

/**
 * A create as an upsert that finds no row; null where the caller has no upsert, or the new row has no key.
 *
 * @param key the first field that is unique alone, unless given
 */
export function upsertingCreate(at: Standpoint, request: Create, key?: KeyNames): Create | null {
  const [body = {}] = request.rows
  const by = key ?? keysFor(at, body, null).find((names) => names.length === 1)
  const [template] = at.reference.rows().get(at.entity.name) ?? []
  if (by === undefined || template === undefined || request.many || !hasUpsert(at)) return null
  const update = harmless(at, template)
  return Object.keys(update).length === 0 ? null : { ...request, upsert: { where: valuesOf(body, by), update } }
}

/**
 * A change as an upsert that finds the row; null where the caller has no upsert, or could not create such a row.
 *
 * @param key the first field that is unique alone, unless given
 */
export function upsertingUpdate(at: Standpoint, request: Update, key?: KeyNames): Update | null {
  const row = at.reference.find(at.entity.name, request.id)
  const by = row === undefined ? undefined : (key ?? keysFor(at, row, row).find((names) => names.length === 1))
  if (row === undefined || by === undefined || !hasUpsert(at) || by.some((name) => Object.hasOwn(request.body, name))) return null
  const body = newBody(at, row, { n: 950, needed: [] })
  const alone: AbstractRequest = { kind: 'create', entity: at.entity.name, rows: [body], many: false, selected: request.selected }
  // Both inputs are checked whatever the upsert does, so the new row must be a valid one.
  const { statuses } = expectationOf(at.reference, at.user, alone)
  const isValid = statuses.every((status) => status < 300 || (by.length > 1 && status === TAKEN))
  // A key that is no usual one may have fields that the new row takes from it alone.
  if ((key === undefined && !by.every((name) => Object.hasOwn(body, name))) || !isValid) return null
  return { ...request, upsert: { where: valuesOf(row, by), create: { ...body, ...valuesOf(row, by) } } }
}

const TAKEN = 409

function valuesOf(values: BodyValues, names: KeyNames): BodyValues {
  return Object.fromEntries(names.map((name) => [name, values[name]]))
}

/**
 * The keys whose fields have values, and that the caller may read and set in a new row; those of one field first.
 *
 * @param row the row that is found by it, of which the caller must be shown the values; null for a new row
 */
export function keysFor({ reference, sight, entity }: Standpoint, values: BodyValues, row: PlainRow | null): readonly KeyNames[] {
  const { readable, writable } = sight.kind
  const own = reference.design.entities[entity.name]
  const isShown = (read: string | undefined): boolean => read === undefined || row === null || sight.holds(entity.name, read, row)
  const isUsable = (name: string): boolean => {
    const kind = entity.fields.find((field) => field.name === name)?.type.kind
    const isKey = (kind === 'scalar' || kind === 'ref') && isShown(own?.fields[name]?.read) && own?.fields[name]?.write === undefined
    return isKey && (values[name] ?? null) !== null && readable(entity.name).has(name) && writable(entity.name).has(name)
  }
  const keys = uniquesOf(own).flatMap(({ names, where }) => (where === 'true' && names.every(isUsable) ? [names] : []))
  return keys.toSorted((a, b) => a.length - b.length)
}

/** Whether the schema of the caller has an upsert of the entity. */
function hasUpsert({ reference, sight, entity }: Standpoint): boolean {
  if (answersAlike(reference.design.entities[entity.name])) return false
  return (['read', 'create', 'update.from', 'update.to'] as const).every((rule) => sight.kind.mayHold(entity.name, rule))
}
