/** The values that steps give to fields. */

import { ident, type Sql, slot, sql, typeName } from '../../base/sql/sql.ts'
import type { Value } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Assignment } from '../../model/action.ts'
import type { ShownToken } from '../../model/action-tree.ts'
import type { Term } from '../../model/expression.ts'
import { type Entity, type Field, fieldNamed } from '../../model/model.ts'
import type { SqlScope } from '../rules/predicate-sql.ts'
import { termSql } from '../rules/term-sql.ts'
import { setAt } from '../rules/write-rules.ts'
import { generatedValue } from '../statements/written-values.ts'
import { columnType } from '../values/column-type.ts'
import { encodeJson } from '../values/encode.ts'
import { isSent, tokenSlots } from './frame.ts'

/** Constants of the design that are bound like values of a request. */
export class Constants {
  readonly #values: Record<string, Value> = {}

  /** The default of a field that has a constant as its default. */
  ofDefault(entity: Entity, field: Field, value: unknown): Sql {
    const key = `default.${entity.name}.${field.name}`
    const encoded = value === null ? null : encodeJson(field.type, value)
    if (encoded !== null && !encoded.ok) throw new Error(`the default of ${entity.name}.${field.name} is no value of its type`)
    this.#values[key] = encoded === null ? null : encoded.value
    return slot(key, columnType(field.type))
  }

  get values(): Readonly<Record<string, Value>> {
    return this.#values
  }
}

/** A value in the type of the column. */
export function valueFor(field: Field, value: Term, scope: SqlScope): Sql {
  return sql`(${termSql(value, scope)})::${typeName(columnType(field.type))}`
}

/** What determines the values of a new row. */
export interface NewRow {
  readonly entity: Entity
  readonly set: readonly Assignment[]
  readonly scope: SqlScope
  readonly constants: Constants
  /** The number of the row in its statement, from 1. */
  readonly place: Sql
  /** The tokens of this row that the answer shows. */
  readonly tokens: readonly ShownToken[]
  /** The id, where ids are UUIDs; the statement makes it unless given. */
  readonly id?: Sql
}

/** The value of a field of a new row: that of the step, or its default. */
export function newValue(row: NewRow, field: Field): Sql {
  const given = row.set.find((one) => one.field === field.name)
  if (given === undefined) return defaultValue(row, field)
  const value = valueFor(field, given.value, row.scope)
  if (given.ifSent === null) return value
  return sql`case when ${isSent(given.ifSent)} then ${value} else ${defaultValue(row, field)} end`
}

function defaultValue(row: NewRow, field: Field): Sql {
  const { entity, scope, constants, place, id } = row
  const preset = field.default
  const missing = sql`null::${typeName(columnType(field.type))}`
  if (preset === null) return missing
  switch (preset.kind) {
    case 'value':
      return constants.ofDefault(entity, field, preset.value)
    case 'expression':
    case 'set':
      return valueFor(field, preset.term, { ...scope, rows: new Map(), made: (name) => newValue(row, fieldNamed(entity, name)) })
    // A later part of the statement numbers the rows that are written.
    case 'sequence':
      return missing
    case 'generated': {
      const shown = row.tokens.find((token) => token.field === field.name)
      if (shown !== undefined) return slot(tokenSlots(shown).stored, 'text')
      return generatedValue(entity, field, { by: preset.by, uuid: id ?? uuidv7(place) })
    }
    default:
      return unreachable(preset)
  }
}

/**
 * A new UUID of version 7: milliseconds, then the place of the row, then random bits. So the ids of rows of one statement are in the order
 * of the rows.
 *
 * Source: RFC 9562, section 5.7; section 6.2, method 1.
 */
function uuidv7(place: Sql): Sql {
  const time = sql`lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')`
  const counter = sql`lpad(to_hex((${place})::bigint & 4095), 3, '0')`
  return sql`(${time} || '7' || ${counter} || right(replace(gen_random_uuid()::text, '-', ''), 16))::uuid`
}

/** A change of a field of an existing row. */
export interface FieldChange {
  readonly field: Field
  /** The new value; for a sum, what is added to the old one. */
  readonly value: Sql
  readonly adds: boolean
}

/** The changes that a step gives. `bare` is the binding of the row before the change. */
export function changesOf(
  entity: Entity,
  { set, scope, bare }: { readonly set: readonly Assignment[]; readonly scope: SqlScope; readonly bare: string },
): readonly FieldChange[] {
  return set.map(({ field: name, value, ifSent }): FieldChange => {
    const field = fieldNamed(entity, name)
    const added = amountOf(value, { field: name, bare })
    if (added !== null) {
      const amount = termSql(added.amount, scope)
      const signed = added.sign === '-' ? sql`(- (${amount}))` : amount
      return { field, adds: true, value: ifSent === null ? signed : sql`case when ${isSent(ifSent)} then ${signed} end` }
    }
    const plain = valueFor(field, value, scope)
    const old = scope.rows.get(bare)
    if (ifSent === null || old === undefined) return { field, adds: false, value: plain }
    return { field, adds: false, value: sql`case when ${isSent(ifSent)} then ${plain} else ${old}.${ident(field.column)} end` }
  })
}

/** A field that the server sets at every write, with its new value. */
export interface Preset {
  readonly field: Field
  readonly value: Sql
}

/**
 * The fields that the server sets at every write and the step does not. `old` is the value of a field before the step, and `changed` the
 * value that a change leads to.
 */
export function presetsOf(
  entity: Entity,
  changes: readonly FieldChange[],
  {
    scope,
    old,
    changed,
  }: { readonly scope: SqlScope; readonly old: (field: Field) => Sql; readonly changed: (change: FieldChange) => Sql },
): readonly Preset[] {
  const presetOf = (field: Field): Sql | null => {
    const term = setAt(field, 'update')
    return term === null ? null : valueFor(field, term, { ...scope, rows: new Map(), made })
  }
  // The value of a field after the step.
  const made = (name: string): Sql => {
    const field = fieldNamed(entity, name)
    const change = changes.find((one) => one.field === field)
    return change === undefined ? (presetOf(field) ?? old(field)) : changed(change)
  }
  return entity.fields.flatMap((field): readonly Preset[] => {
    const value = changes.some((one) => one.field === field) ? null : presetOf(field)
    return value === null ? [] : [{ field, value }]
  })
}

/** The amount that a value adds to its field or subtracts from it, as in `stock - i.quantity` for `stock`; null for any other value. */
export function amountOf(
  value: Term,
  { field, bare }: { readonly field: string; readonly bare: string },
): { readonly sign: '+' | '-'; readonly amount: Term } | null {
  if (value.kind !== 'call' || (value.name !== 'add' && value.name !== 'subtract')) return null
  const [left, right] = value.args
  if (left === undefined || right === undefined || value.args.length !== 2) return null
  const isField = (term: Term) => term.kind === 'field' && term.field === field && term.row.binding === bare && term.row.hops.length === 0
  if (isField(left)) return { sign: value.name === 'add' ? '+' : '-', amount: right }
  return value.name === 'add' && isField(right) ? { sign: '+', amount: left } : null
}
