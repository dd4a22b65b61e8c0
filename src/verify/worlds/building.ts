/** The rows of a world while it is made: which values fields get, and whether a row may be added. */

import { type Entity, entityNamed, type Field, fieldNamed } from '../../model/model.ts'
import { uniquesOf } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { Mentions } from '../rules/mentions.ts'
import { type Assigned, type Making, newRow } from './new-row.ts'
import { witnessValues } from './witness-values.ts'

/** Accounts that rows refer to. */
const REFERRED = 6
/** Rows that a reference may lead to. */
const MOST_TARGETS = 12

/** A world that is being made. */
export interface Building extends Making {
  readonly mentions: Mentions
  readonly rows: Map<string, PlainRow[]>
  readonly capped: Set<string>
  readonly empty: Map<string, string>
  /** How many rows may refer to a row by a reference with a relation. */
  readonly mostChildren: number
  /** Whether a row satisfies the checks on its own fields. */
  readonly keeps: (entity: Entity, row: PlainRow) => boolean
  /** Whether a condition on the own fields of a row holds. */
  readonly holds: (entity: Entity, condition: string, row: PlainRow) => boolean
}

/** A field whose values are combined with those of others. */
export interface Axis {
  readonly field: string
  readonly values: readonly PlainValue[]
}

/** What became of a row: it was added, or values are taken, a check refuses it, or a row that it refers to has enough such rows. */
export type RowOutcome =
  | { readonly kind: 'added'; readonly row: PlainRow }
  | { readonly kind: 'taken'; readonly names: readonly string[] }
  | { readonly kind: 'check' | 'crowded' }

/** Adds a row unless it breaks a constraint. */
export function addRow(building: Building, entity: Entity, assigned: Assigned): boolean {
  return tryRow(building, entity, assigned).kind === 'added'
}

/** Adds a row unless it breaks a constraint, and says which. */
export function tryRow(building: Building, entity: Entity, assigned: Assigned): RowOutcome {
  const row = newRow(building, entity, assigned)
  const rows = building.rows.get(entity.name) ?? []
  const taken = uniquesOf(building.design.entities[entity.name]).find(({ names, where }) => {
    // Values are compared among the rows for which the condition holds.
    const counts = (one: PlainRow): boolean => where === 'true' || building.holds(entity, where, one)
    const isEqual = (other: PlainRow): boolean => names.every((name) => JSON.stringify(other[name]) === JSON.stringify(row[name]))
    return names.every((name) => (row[name] ?? null) !== null) && counts(row) && rows.some((other) => isEqual(other) && counts(other))
  })
  if (taken !== undefined) return { kind: 'taken', names: taken.names }
  if (!building.keeps(entity, row)) return { kind: 'check' }
  if (isCrowded(building, entity, row)) return { kind: 'crowded' }
  rows.push(row)
  return { kind: 'added', row }
}

/** Whether a row that this one refers to has as many such rows as an answer shows. */
function isCrowded({ rows, mentions, mostChildren }: Building, entity: Entity, row: PlainRow): boolean {
  return entity.fields.some(({ name, type }) => {
    if (type.kind !== 'ref' || type.inverse === null || mentions.get(entity.name)?.fields.has(name) !== true) return false
    const siblings = (rows.get(entity.name) ?? []).filter((other) => row[name] !== null && other[name] === row[name])
    return siblings.length >= mostChildren
  })
}

/** The references whose relation a rule of the other entity goes through. Each row then gets a parent of its own there. */
export function ownParents({ model, mentions }: Building, entity: Entity): readonly Field[] {
  return entity.fields.filter(({ type }) => {
    if (type.kind !== 'ref' || type.inverse === null || type.entity === model.identity?.entity || type.entity === entity.name) return false
    return mentions.get(type.entity)?.relations.has(type.inverse) === true
  })
}

/** The id of a new ordinary row for a reference. */
export function freshParent(building: Building, { type }: Field): PlainValue {
  if (type.kind !== 'ref') throw new Error('only a reference has a parent')
  const target = entityNamed(building.model, type.entity)
  const rows = building.rows.get(target.name) ?? []
  const usual = rows[0] ?? {}
  const kept = [...(building.mentions.get(target.name)?.fields.keys() ?? [])].filter((name) => {
    const field = target.fields.find((one) => one.name === name)
    return field !== undefined && field.system === null && field.name !== 'id'
  })
  const before = rows.length
  addRow(building, target, Object.fromEntries(kept.map((name) => [name, usual[name] ?? null])))
  return rows[before]?.id ?? usual.id ?? null
}

/** The fields that rules read, with the values at which their conditions change. */
export function axesOf(building: Building, entity: Entity): readonly Axis[] {
  const mentioned = building.mentions.get(entity.name)
  const own = ownParents(building, entity)
  return [...(mentioned?.fields ?? [])].flatMap(([name, constants]): readonly Axis[] => {
    const field = entity.fields.find((one) => one.name === name)
    if (field === undefined || own.includes(field) || name === 'id') return []
    const { type, system } = field
    if (system === 'version') return [{ field: name, values: [1, 2] }]
    if (system !== null || type.kind === 'computed' || type.kind === 'file' || type.kind === 'password') return []
    if (type.kind === 'ref') return [{ field: name, values: targetsOf(building, entity, field) }]
    if (isUnique(building, entity, name) && constants.size === 0) return []
    const usual = newRow(building, entity, {})[name] ?? null
    return [{ field: name, values: witnessValues(field, usual, { constants, clock: mentioned?.clocks.has(name) === true }) }]
  })
}

function isUnique({ design }: Building, entity: Entity, field: string): boolean {
  return uniquesOf(design.entities[entity.name]).some(({ names }) => names.length === 1 && names[0] === field)
}

/** The rows that a reference may lead to. */
function targetsOf({ model, rows, capped }: Building, entity: Entity, field: Field): readonly PlainValue[] {
  const { type, optional } = fieldNamed(entity, field.name)
  if (type.kind !== 'ref') return []
  const all = (rows.get(type.entity) ?? []).map(({ id }) => id ?? null)
  const isAccount = model.identity?.entity === type.entity
  // The two ordinary accounts are at the end; the last one has no rows.
  const chosen = isAccount ? [...all.slice(0, 1), ...all.slice(-2, -1), ...all.slice(1, -2)].slice(0, REFERRED) : all.slice(0, MOST_TARGETS)
  if (!isAccount && all.length > chosen.length) capped.add(entity.name)
  return optional ? [...chosen, null] : chosen
}
