/** Rows as the oracle's evaluator sees them: missing values are absent, references are rows, relations are lists of rows. */

import type { Operation } from '../../model/expression.ts'
import { type Entity, entityNamed, type Model, storedScalar } from '../../model/model.ts'
import { celValue, type PlainValue, type RowValue } from './oracle-values.ts'

/** A row by field name; references are ids. */
export type PlainRow = Readonly<Record<string, PlainValue>>

/** All data that a rule can read. */
export interface World {
  readonly model: Model
  /** Named rules, as written. */
  readonly rules: ReadonlyMap<string, string>
  readonly rows: ReadonlyMap<string, readonly PlainRow[]>
  /** The computed fields that are no columns, by entity. */
  readonly derived?: ReadonlyMap<string, readonly Derived[]>
  /** The author's text of the rule that `can` asks; of an update, that of the row before it. Unless given, the text that the model has. */
  readonly ruleOf?: (entity: string, operation: Operation) => string | null
}

/** A computed field that is no column: its name and expression, and whether it is computed over all rows. */
export interface Derived {
  readonly name: string
  readonly source: string
  readonly isSystem: boolean
}

/** Computes the value of such a field of a row. @throws an error of the evaluator for a missing value. */
export type Compute = (found: Found, derived: Derived) => unknown

/** A row and its entity. */
export interface Found {
  readonly entity: Entity
  readonly row: PlainRow
}

/** The rows of a world as values of the evaluator. */
export interface Rows {
  readonly valueFor: (entity: Entity, row: PlainRow) => RowValue
  /** The row of a value of the evaluator; undefined for a soft-deleted row, and for a value that is not a row. */
  readonly find: (value: unknown) => Found | undefined
}

/** The rows of a world. Made on demand, because rows refer to each other in cycles. */
export function rowsOf(world: World, compute: Compute): Rows {
  const found = new WeakMap<object, Found>()
  const made = new Map<PlainRow, RowValue>()
  const byId = new Map(world.model.entities.map((entity) => [entity.name, idsOf(entity, world.rows.get(entity.name) ?? [])]))

  const valueFor = (entity: Entity, row: PlainRow): RowValue => {
    const known = made.get(row)
    if (known !== undefined) return known
    const value: Record<string, unknown> = present(entity, row)
    for (const field of entity.fields) {
      const { type } = field
      const id = row[field.name] ?? null
      if (type.kind === 'ref' && id !== null) lazily(value, field.name, () => reference(entityNamed(world.model, type.entity), id))
    }
    for (const relation of entity.relations)
      lazily(value, relation.name, () => related(entityNamed(world.model, relation.entity), relation.via, row))
    for (const derived of world.derived?.get(entity.name) ?? []) lazily(value, derived.name, () => compute({ entity, row }, derived))
    made.set(row, value)
    found.set(value, { entity, row })
    return value
  }
  const reference = (entity: Entity, id: PlainValue): RowValue => {
    const row = byId.get(entity.name)?.get(String(id))
    // Of a soft-deleted row only the id is known, from the reference itself.
    return row === undefined ? present(entity, { id }) : valueFor(entity, row)
  }
  const related = (entity: Entity, via: string, row: PlainRow): readonly RowValue[] =>
    live(entity, world.rows.get(entity.name) ?? [])
      .filter((other) => (other[via] ?? null) !== null && String(other[via]) === String(row.id))
      .map((other) => valueFor(entity, other))
  return { valueFor, find: (value) => (typeof value === 'object' && value !== null ? found.get(value) : undefined) }
}

/** The values of a row that are not missing; references are ids. */
export function present(entity: Entity, row: PlainRow): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const field of entity.fields) {
    const value = row[field.name] ?? null
    if (value !== null) values[field.name] = celValue(storedScalar(field.type), value)
  }
  return values
}

function idsOf(entity: Entity, rows: readonly PlainRow[]): ReadonlyMap<string, PlainRow> {
  return new Map(live(entity, rows).map((row) => [String(row.id), row]))
}

function live(entity: Entity, rows: readonly PlainRow[]): readonly PlainRow[] {
  const deletedAt = entity.fields.find((field) => field.system === 'deletedAt')
  return deletedAt === undefined ? rows : rows.filter((row) => (row[deletedAt.name] ?? null) === null)
}

/** Defines a property that is computed at its first use. */
function lazily(target: Record<string, unknown>, name: string, make: () => unknown): void {
  Object.defineProperty(target, name, {
    enumerable: true,
    configurable: true,
    get: () => {
      const value = make()
      Object.defineProperty(target, name, { enumerable: true, value })
      return value
    },
  })
}
