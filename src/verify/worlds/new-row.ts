/** Makes rows of a world: values that something asks for, and samples for all other fields. */

import { sampleValue } from '../../compile/values/sample.ts'
import { type Entity, type Field, isToken, type Model } from '../../model/model.ts'
import { withComputed } from '../expected/expectation-write.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'

/** How many different times the rows of an entity have. */
const TIMES = 3

/** What rows are made from. */
export interface Making {
  readonly design: WrittenDesign
  readonly model: Model
  /** The stored form of the one password of all accounts. */
  readonly passwordHash: string
  /** The rows so far, by entity. */
  readonly rows: ReadonlyMap<string, PlainRow[]>
  /** The number of the first new row, so that ids and samples differ from those of rows that are not there. */
  readonly firstNumber?: number
}

/** Values by field name. */
export type Assigned = Readonly<Record<string, PlainValue>>

/** Thrown when a required field has no sample. */
export class NoSample extends Error {}

/** A row with the assigned values. It is not added. @throws NoSample for a required field without a sample value. */
export function newRow(making: Making, entity: Entity, assigned: Assigned): PlainRow {
  const n = (making.rows.get(entity.name) ?? []).length + (making.firstNumber ?? 0)
  const row = Object.fromEntries(
    entity.fields.map((field) => [
      field.name,
      Object.hasOwn(assigned, field.name) ? (assigned[field.name] ?? null) : cellValue(making, { entity, field, n }),
    ]),
  )
  return withComputed(making, entity, row)
}

interface Cell {
  readonly entity: Entity
  readonly field: Field
  readonly n: number
}

function cellValue(making: Making, cell: Cell): PlainValue {
  const { entity, field, n } = cell
  switch (field.system) {
    case 'id':
      return idOf(making, entity, field, n)
    case 'createdAt':
    case 'updatedAt':
      // Several rows have the same time, so that orders by it need something more.
      return new Date(Date.UTC(2026, 0, 1, 0, n % TIMES)).toISOString()
    case 'version':
      return 1
    case 'deletedAt':
      return null
    case null:
      return field.name === 'id' ? idOf(making, entity, field, n) : ownValue(making, cell)
  }
}

/** How many samples are looked at for one that no row has: those of a pattern repeat. */
export const MOST_SAMPLES = 60

/** Different ids for all rows of a world. */
function idOf({ model, rows }: Making, entity: Entity, { type }: Field, n: number): PlainValue {
  const scalar = type.kind === 'scalar' ? type.scalar : 'uuid'
  if (scalar === 'integer') return n + 1
  if (scalar !== 'uuid') {
    const taken = new Set((rows.get(entity.name) ?? []).map(({ id }) => id))
    const found = unusedSample(type, n + 1, (value) => taken.has(value as PlainValue))
    if (found === undefined) throw new NoSample(`no further id of ${entity.name} was found`)
    return found as PlainValue
  }
  const at = model.entities.indexOf(entity).toString(16).padStart(4, '0')
  return `01900000-0000-7000-8000-${at}${n.toString(16).padStart(8, '0')}`
}

/** The `n`th sample of a type, or the next one that is not used; undefined if none is found. */
export function unusedSample(type: Field['type'], n: number, isUsed: (value: unknown) => boolean): unknown {
  for (let i = n; i < n + MOST_SAMPLES; i++) {
    const value = sampleValue(type, i)
    if (value !== undefined && !isUsed(value)) return value
  }
  return undefined
}

const samples = new WeakMap<Field['type'], ReadonlySet<unknown>>()

/** The different samples of a type: `MOST_SAMPLES` unless it allows fewer. */
export function samplesOf(type: Field['type']): ReadonlySet<unknown> {
  const found = samples.get(type) ?? new Set(Array.from({ length: MOST_SAMPLES }, (_, n) => sampleValue(type, n)))
  samples.set(type, found)
  return found
}

/** The value of an own field of the design in an ordinary row. */
function ownValue(making: Making, { entity, field, n }: Cell): PlainValue {
  const { type, default: preset, optional } = field
  if (type.kind === 'password') return making.passwordHash
  if (type.kind === 'computed') return null
  if (preset?.kind === 'sequence') return n + 1
  if (isToken(field)) return n.toString(16).padStart(32, '0')
  if (preset?.kind === 'value') return preset.value as PlainValue
  const written = making.design.entities[entity.name]?.fields[field.name]
  // A field that some callers may not read has a value, so that a leak shows.
  if (optional && written?.read === undefined) return null
  if (type.kind === 'ref') {
    const targets = making.rows.get(type.entity) ?? []
    const target = targets[n % Math.max(1, Math.min(targets.length, 8))]
    if (target === undefined && !optional)
      throw new NoSample(`no row of ${type.entity} can exist, and ${entity.name}.${field.name} needs one`)
    return target?.id ?? null
  }
  const sample = type.kind === 'file' ? undefined : sampleValue(type, n + 1)
  if (sample === undefined && !optional) throw new NoSample(`${entity.name}.${field.name} has no sample value`)
  return (sample as PlainValue | undefined) ?? null
}
