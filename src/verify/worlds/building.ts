/** A world while it is made: which values fields get. */

import { type Entity, entityNamed, type Field, fieldNamed } from '../../model/model.ts'
import { uniquesOf } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { Mentions } from '../rules/mentions.ts'
import { type Making, newRow } from './new-row.ts'
import { extremes, witnessValues } from './witness-values.ts'

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
  /** Whether a row satisfies the checks on its related rows and on the items of its lists. */
  readonly keepsRelated: (entity: Entity, row: PlainRow) => boolean
  /** Rows that get related rows now, and are not yet held to such checks. */
  readonly incomplete: Set<PlainRow>
}

/** A field whose values are combined with those of others. */
export interface Axis {
  readonly field: string
  readonly values: readonly PlainValue[]
}

/** The references whose relation a rule of the other entity goes through. Each row then gets a parent of its own there. */
export function ownParents({ model, mentions }: Building, entity: Entity): readonly Field[] {
  return entity.fields.filter(({ type }) => {
    if (type.kind !== 'ref' || type.inverse === null || type.entity === model.identity?.entity || type.entity === entity.name) return false
    return mentions.get(type.entity)?.relations.has(type.inverse) === true
  })
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
    const values = witnessValues(field, usual, { constants, clock: mentioned?.clocks.has(name) === true })
    return [{ field: name, values: [...values, ...limitsOf(building, entity, field).filter((value) => !values.includes(value))] }]
  })
}

/** For a number in a check over relations its least and its greatest value: sums and numbers of rows are then within some limit. */
function limitsOf({ model, design }: Building, entity: Entity, { name, type }: Field): readonly PlainValue[] {
  const parents = entity.fields.flatMap((field) => (field.type.kind === 'ref' ? [field.type.entity] : []))
  const isRead = [entity.name, ...parents].some((of) =>
    entityNamed(model, of).relationChecks.some((check) =>
      new RegExp(`\\b${name}\\b`).test(design.entities[of]?.checks?.[check.name]?.rule ?? ''),
    ),
  )
  return isRead && type.kind === 'scalar' ? extremes(type) : []
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
