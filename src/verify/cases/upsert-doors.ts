/** The doors of upserts: the same writes, of rows that a key leads to. */

import type { AbstractRequest, BodyValues } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import type { Standpoint } from '../expected/expected.ts'
import { answersAlike } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import { newBody } from './new-body.ts'
import { harmless } from './questions.ts'

type Create = Extract<AbstractRequest, { kind: 'create' }>
type Update = Extract<AbstractRequest, { kind: 'update' }>

/** A create as an upsert that finds no row; null where the caller has no upsert, or the new row has no key. */
export function upsertingCreate(at: Standpoint, request: Create): Create | null {
  const [body = {}] = request.rows
  const key = keyOf(at, body, null)
  const [template] = at.reference.rows().get(at.entity.name) ?? []
  if (key === null || template === undefined || request.many || !hasUpsert(at)) return null
  const update = harmless(at, template)
  return Object.keys(update).length === 0 ? null : { ...request, upsert: { where: { [key]: body[key] }, update } }
}

/** A change as an upsert that finds the row; null where the caller has no upsert, or could not create such a row. */
export function upsertingUpdate(at: Standpoint, request: Update): Update | null {
  const row = at.reference.find(at.entity.name, request.id)
  const key = row === undefined ? null : keyOf(at, row, row)
  if (row === undefined || key === null || !hasUpsert(at) || Object.hasOwn(request.body, key)) return null
  const body = newBody(at, row, { n: 950, needed: [] })
  const alone: AbstractRequest = { kind: 'create', entity: at.entity.name, rows: [body], many: false, selected: request.selected }
  // Both inputs are checked whatever the upsert does, so the new row must be a valid one.
  if (!Object.hasOwn(body, key) || expectationOf(at.reference, at.user, alone).statuses.some((status) => status >= 300)) return null
  return { ...request, upsert: { where: { [key]: row[key] }, create: { ...body, [key]: row[key] } } }
}

/**
 * A field that is unique alone, that has a value, and that the caller may read and set in a new row.
 *
 * @param row the row that is found by it, of which the caller must be shown the value; null for a new row
 */
function keyOf({ reference, sight, entity }: Standpoint, values: BodyValues, row: PlainRow | null): string | null {
  const { readable, writable } = sight.kind
  const written = reference.design.entities[entity.name]?.fields ?? {}
  const isShown = (read: string | undefined): boolean => read === undefined || row === null || sight.holds(entity.name, read, row)
  const found = entity.fields.find(({ name, type }) => {
    const own = written[name]
    const isKey = own?.unique === true && isShown(own.read) && own.write === undefined && type.kind === 'scalar'
    return isKey && (values[name] ?? null) !== null && readable(entity.name).has(name) && writable(entity.name).has(name)
  })
  return found?.name ?? null
}

/** Whether the schema of the caller has an upsert of the entity. */
function hasUpsert({ reference, sight, entity }: Standpoint): boolean {
  if (answersAlike(reference.design.entities[entity.name])) return false
  return (['read', 'create', 'update.from', 'update.to'] as const).every((rule) => sight.kind.mayHold(entity.name, rule))
}
