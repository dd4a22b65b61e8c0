/** What the reference expects of a request before it reads rows: which callers are refused, and which names exist. */

import type { Entity, Field } from '../../model/model.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { BodyValues, Selected, SortKey } from './abstract-request.ts'
import type { AllRows, ReferenceBackend, Sight } from './reference.ts'
import { followable } from './reference-filter.ts'
import { type AccessRule, ruleOf } from './written-design.ts'

/** What a request does to the rows. */
export type ExpectedChange =
  | { readonly kind: 'none' }
  | { readonly kind: 'created'; readonly entity: string; readonly rows: readonly PlainRow[] }
  | { readonly kind: 'updated'; readonly entity: string; readonly row: PlainRow }
  /** All rows after the request, without times. */
  | { readonly kind: 'deleted'; readonly rows: AllRows }

/** What the reference expects of a request. */
export interface Expectation {
  /** The allowed statuses; several when the documentation does not say which of several errors is reported. */
  readonly statuses: readonly number[]
  /** The decisive rule or check, for messages. */
  readonly why: string
  readonly change: ExpectedChange
  /** The rows of a list as the answer shows them, in any order, with their sort values. */
  readonly list: { readonly rows: readonly ListedRow[]; readonly sort: readonly SortKey[]; readonly servable: boolean } | null
  /** The body of a get. */
  readonly body: unknown
  /** The code of a refusal, if only one is allowed. */
  readonly code?: string
  /** The request names something hidden. Its answer must equal the answer for something that does not exist. */
  readonly hidden: 'row' | 'references' | null
}

/** A row of a list. */
export interface ListedRow {
  readonly shown: unknown
  readonly id: PlainValue
  readonly keys: readonly PlainValue[]
}

const NONE: ExpectedChange = { kind: 'none' }

/** An expectation with one status, which changes nothing unless `more` says so. */
export function expecting(status: number, why: string, more: Partial<Expectation> = {}): Expectation {
  return { statuses: [status], why, change: NONE, list: null, body: undefined, hidden: null, ...more }
}

/** The request with its caller and rows. */
export interface Standpoint {
  readonly reference: ReferenceBackend
  readonly user: string | null
  readonly sight: Sight
  readonly entity: Entity
}

/**
 * The refusal of an operation that this kind of caller may not do on any row: 401 for anonymous callers if signing in could help, else 403.
 */
export function closed(at: Standpoint, rules: readonly AccessRule[]): Expectation | null {
  for (const rule of rules) {
    if (at.sight.kind.mayHold(at.entity.name, rule)) continue
    const source = ruleOf(at.reference.design.entities[at.entity.name], rule)
    return expecting(at.user === null && source !== null ? 401 : 403, `${rule} is closed to this kind of caller`)
  }
  return null
}

/** The refusal of a selection with a name that does not exist for the caller; null if all names exist. */
export function badName(at: Standpoint, selected: Selected): Expectation | null {
  const wrong = wrongSelection(at, at.entity, selected)
  return wrong === null ? null : expecting(400, `${wrong} does not exist for this caller`)
}

function wrongSelection(at: Standpoint, entity: Entity, selected: Selected): string | null {
  const { kind } = at.sight
  const wrong = selected.fields?.find((name) => !kind.readable(entity.name).has(name))
  if (wrong !== undefined) return `${entity.name}.${wrong}`
  for (const [name, inner] of selected.include) {
    const target = followable(at, entity, name)
    if (target === null) return `${entity.name}.${name}`
    const below = wrongSelection(at, target, inner)
    if (below !== null) return below
  }
  return null
}

/** The row of an id, if the caller may read it. */
export function visibleRow(at: Standpoint, id: string): PlainRow | null {
  const row = at.reference.find(at.entity.name, id)
  return row !== undefined && at.sight.sees(at.entity.name, row) ? row : null
}

/** The answer about a row that the caller may not read. */
export const NOT_SEEN = expecting(404, 'there is no such row that this caller may read', { hidden: 'row' })

/** The problems of a body that do not depend on rows. */
export function badBody(at: Standpoint, operation: 'create' | 'patch' | 'put', body: BodyValues): string | null {
  const writable = at.sight.kind.writable(at.entity.name)
  const open = at.entity.fields.filter((f) => writable.has(f.name) && (operation === 'create' || !f.immutable))
  for (const [name, value] of Object.entries(body)) {
    const field = open.find((f) => f.name === name)
    if (field === undefined) return `${name} may not be sent`
    if (value === null ? !field.optional : !fits(field, value)) return `${name} is not a value`
  }
  const missing = open.find((f) => isRequired(f) && !(operation === 'put' && f.type.kind === 'password') && !Object.hasOwn(body, f.name))
  return operation === 'patch' || missing === undefined ? null : `${missing.name} is missing`
}

/** Whether a create must give the field a value. */
export function isRequired(field: Field): boolean {
  return field.system === null && field.type.kind !== 'computed' && !field.optional && field.default === null
}

/** Checks only the JSON type, because requests about access have no other wrong values. */
function fits(field: Field, value: unknown): boolean {
  const { type } = field
  if (type.kind === 'list') return Array.isArray(value)
  const scalar = type.kind === 'scalar' || type.kind === 'ref' ? type.scalar : 'text'
  if (scalar === 'json') return true
  if (scalar === 'decimal') return typeof value === 'string' || typeof value === 'number'
  const isNumber = scalar === 'integer' || scalar === 'number'
  return typeof value === (isNumber ? 'number' : scalar === 'boolean' ? 'boolean' : 'string')
}
