/**
 * The rows that the steps of an action write, as expressions over the rows that the action has locked. No part of a statement sees what
 * another part writes. So later steps and the answer use these expressions in place of the written rows.
 */

import { empty, ident, join, type Sql, slot, sql, typeName } from '../../../base/sql/sql.ts'
import { ACTION_ROW, type Action, type Assignment, STEP_ROW } from '../../../model/action.ts'
import { scalarType } from '../../../model/expression.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type Model } from '../../../model/model.ts'
import { rowScope, type SqlScope } from '../../rules/predicate-sql.ts'
import { bindRow, bound, termSql } from '../../rules/term-sql.ts'
import { storedFields } from '../../statements/write/write-parts.ts'
import { columnType } from '../../values/column-type.ts'
import { type Constants, changesOf, newValue, presetsOf } from '../values.ts'

/** A row that a step writes. */
export interface RowOfStep {
  readonly operation: 'create' | 'update'
  readonly entity: Entity
  /** The name of the row; null when a new row has none. */
  readonly name: string | null
  /** What the step gives to fields. */
  readonly set: readonly Assignment[]
  /** Whether the write sets the state of a transition. The rules of the entity do not apply to such a write. */
  readonly moves: boolean
}

/** The rows that an action writes, in the order of its steps: first the row of a transition. */
export function writtenRows(model: Model, { steps, transition, entity }: Action): readonly RowOfStep[] {
  const moved: readonly RowOfStep[] =
    transition === null || entity === null
      ? []
      : [{ operation: 'update', entity: entityNamed(model, entity), name: ACTION_ROW, set: [stateOf(transition)], moves: true }]
  const rows = steps.flatMap((step): readonly RowOfStep[] => {
    if (step.verb === 'create')
      return [{ operation: 'create', entity: entityNamed(model, step.entity), name: step.as, set: step.set, moves: false }]
    if (step.verb !== 'update' || step.target.kind !== 'row') return []
    return [
      {
        operation: 'update',
        entity: entityNamed(model, step.entity),
        name: step.target.row.binding,
        set: step.set,
        moves: step.moves === true,
      },
    ]
  })
  return [...moved, ...rows]
}

function stateOf({ field, to }: { readonly field: string; readonly to: string }): Assignment {
  return { field, value: { kind: 'literal', type: scalarType('text'), value: to }, ifSent: null }
}

/** The slot with the id of a new row, which the server makes. `index` is the place of the row in the list of written rows. */
export function madeSlot(index: number): string {
  return `made.${index}`
}

/** A written row in a statement. */
export interface RowInStatement extends RowOfStep {
  /** The row before the step; null for a new row. */
  readonly before: Sql | null
  /** The alias of the row after the step, with all its columns. */
  readonly alias: string
  readonly after: Sql
  /** The columns that an update changes. */
  readonly changed: readonly string[]
}

/** The written rows as a part of a `from` clause. */
export interface RowsInStatement {
  /** ` cross join lateral (…)` for each row that an expression uses, with the columns that it uses. */
  readonly joinedFor: (used: Sql) => Sql
  readonly rows: readonly RowInStatement[]
  /** The scope of expressions after all steps. */
  readonly scope: SqlScope
}

/** Adds the written rows to a statement. `scope` has the rows as they are before the steps. */
export function rowsInStatement(written: readonly RowOfStep[], scope: SqlScope, constants: Constants): RowsInStatement {
  const rows: RowInStatement[] = []
  const whole: WholeRow[] = []
  let now = scope
  for (const [i, row] of written.entries()) {
    const alias = `#after ${i}`
    const after = ident(alias)
    const before = row.operation === 'update' ? bound(now.rows, row.name ?? '') : null
    const values = before === null ? createdValues(row, i, { scope: now, constants }) : changedValues(row, before, now)
    whole.push(wholeRow(now.model, row.entity, { values, before }))
    rows.push({ ...row, before, alias, after, changed: [...values.keys()] })
    if (row.name !== null) now = bindRow(now, row.name, after)
  }
  return { joinedFor: (used) => joinedFor(used, { rows, whole }), rows, scope: now }
}

/** Joins the rows that `used` names, and those that these rows name. */
function joinedFor(used: Sql, { rows, whole }: { readonly rows: readonly RowInStatement[]; readonly whole: readonly WholeRow[] }): Sql {
  let texts = textOf(used)
  const joined: Sql[] = []
  for (const [i, row] of [...rows.entries()].reverse()) {
    const name = `"${row.alias}".`
    if (!texts.includes(name)) continue
    const isUsed = (column: string): boolean => texts.includes(`${name}*`) || texts.includes(`${name}"${column.replaceAll('"', '""')}"`)
    const made = whole[i]?.(isUsed) ?? empty
    joined.unshift(sql` cross join lateral (${made}) ${row.after}`)
    texts += textOf(made)
  }
  return join(joined, '', empty)
}

/** The text of SQL, without its parameters. */
function textOf({ parts }: Sql): string {
  return parts
    .map((part) => {
      if (part.kind === 'text') return part.text
      return part.kind === 'shared' ? textOf(part.key) + textOf(part.body) : ''
    })
    .join('')
}

/** Makes the query of a row with the columns that are used. */
type WholeRow = (isUsed: (column: string) => boolean) => Sql

function createdValues(
  { entity, set }: RowOfStep,
  index: number,
  { scope, constants }: { readonly scope: SqlScope; readonly constants: Constants },
): ReadonlyMap<string, Sql> {
  const id = slot(madeSlot(index), 'uuid')
  const stored = storedFields(entity).filter(({ system }) => system !== 'deletedAt')
  return new Map(stored.map((field) => [field.column, newValue({ entity, set, scope, constants, place: sql`1`, tokens: [], id }, field)]))
}

function changedValues({ entity, set }: RowOfStep, before: Sql, outer: SqlScope): ReadonlyMap<string, Sql> {
  const scope = bindRow(outer, STEP_ROW, before)
  const old = ({ column }: Field): Sql => sql`${before}.${ident(column)}`
  const changes = changesOf(entity, { set, scope, bare: STEP_ROW })
  const changed = ({ field, value, adds }: (typeof changes)[number]): Sql => (adds ? sql`(${old(field)} + ${value})` : value)
  const presets = presetsOf(entity, changes, { scope, old, changed })
  const kept = entity.fields.flatMap((field): readonly (readonly [string, Sql])[] => {
    if (field.system === 'updatedAt') return [[field.column, sql`now()`]]
    return field.system === 'version' ? [[field.column, sql`${old(field)} + 1`]] : []
  })
  return new Map([
    ...changes.map((change): readonly [string, Sql] => [change.field.column, changed(change)]),
    ...presets.map(({ field, value }): readonly [string, Sql] => [field.column, value]),
    ...kept,
  ])
}

/** All columns of a row: those with new values, those that stay, and the computed ones. Each has the type of its column. */
function wholeRow(
  model: Model,
  entity: Entity,
  { values, before }: { readonly values: ReadonlyMap<string, Sql>; readonly before: Sql | null },
): WholeRow {
  const columns = storedFields(entity).map(({ column, type }): readonly [string, Sql] => {
    const old = before === null ? sql`null` : sql`${before}.${ident(column)}`
    return [column, sql`(${values.get(column) ?? old})::${typeName(columnType(type))} as ${ident(column)}`]
  })
  return (isUsed) => {
    const computed = entity.fields.flatMap(({ column, type }) =>
      type.kind === 'computed' && isUsed(column) ? [sql`${termSql(type.term, rowScope(model, sql`b`))} as ${ident(column)}`] : [],
    )
    const stored = columns.flatMap(([column, value]) => (computed.length > 0 || isUsed(column) ? [value] : []))
    const row = sql`select ${join(stored, ', ', empty)}`
    return computed.length === 0 ? row : sql`select b.*, ${join(computed, ', ', empty)} from (${row}) b`
  }
}

/** The column of a field by name. */
export function columnOf(entity: Entity, field: string): Sql {
  return ident(fieldNamed(entity, field).column)
}
