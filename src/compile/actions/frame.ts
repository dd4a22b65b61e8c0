/**
 * The rows that the expressions of an action name. The statement that finds such a row keeps its id in a setting of PostgreSQL, which ends
 * with the transaction. So no statement needs the answer of another, and all are sent together. Each statement reads the row again by its
 * id, so it sees the changes of earlier statements.
 */

import { empty, ident, join, literal, type Sql, slot, sql, typeName } from '../../base/sql/sql.ts'
import { type Action, inputBinding } from '../../model/action.ts'
import type { ShownToken } from '../../model/action-tree.ts'
import type { ActionAddress } from '../../model/address/action-address.ts'
import type { Predicate, RowPath, Term, ValueType } from '../../model/expression.ts'
import { type Entity, entityNamed, fieldNamed, type Model, storedScalar } from '../../model/model.ts'
import { mapPredicate, mapTerm, type Parts } from '../../model/tree.ts'
import { maskValue } from '../rules/mask.ts'
import { rowScope, type SqlScope } from '../rules/predicate-sql.ts'
import { idColumn, idType, sqlType } from '../rules/term-sql.ts'
import { columnType } from '../values/column-type.ts'

/** A named row, or a named list of rows, and where its ids are. */
export interface NamedPlace {
  readonly entity: Entity
  readonly many: boolean
  /** The id of the row, null for no row; for a list, the array of ids. */
  readonly key: Sql
  /** The setting that holds the key; null when the request has the id. */
  readonly setting: string | null
  /** For a single row: the settings with the last values of deleted rows of this entity, one of which may be this row. */
  readonly lastValues: readonly string[]
  /** For a list: the number of rows without the limit of the step. */
  readonly total: Sql
  /** The type of the items, if the place has a list of values and no rows; the key is the list then. */
  readonly values: ValueType | null
}

/** The places of an action, by the name of the row. */
export type NamedPlaces = ReadonlyMap<string, NamedPlace>

/** What a place keeps: the id of one row, those of many, or values. */
export type KeptKind = 'row' | 'rows' | { readonly values: ValueType }

/** The type of a place's key. */
export function typeOfKey({ entity, many, values }: Pick<NamedPlace, 'entity' | 'many' | 'values'>): Sql {
  return typeName(values !== null ? sqlType(values) : many ? `${idType(entity)}[]` : idType(entity))
}

/** A place whose id is kept in the setting `plinth.row_<number>`. */
export function keptPlace(entity: Entity, number: number, kept: KeptKind = 'row'): NamedPlace {
  const setting = `plinth.row_${number}`
  const many = kept !== 'row'
  const values = typeof kept === 'string' ? null : kept.values
  const type = typeOfKey({ entity, many, values })
  const total = sql`nullif(current_setting(${literal(`${setting}_total`)}, true), '')::bigint`
  return {
    entity,
    many,
    values,
    setting,
    total,
    lastValues: [],
    key: sql`nullif(current_setting(${literal(setting)}, true), '')::${type}`,
  }
}

/** An expression that keeps an id, or an array, in the setting of a place. @throws Error for a place that the request determines. */
export function keep({ setting }: NamedPlace, id: Sql): Sql {
  if (setting === null) throw new Error('the id of this row comes with the request')
  return sql`set_config(${literal(setting)}, coalesce((${id})::text, ''), true)`
}

/** An expression that keeps the number of all rows of a list. @throws Error for a place that the request determines. */
export function keepTotal({ setting }: NamedPlace, total: Sql): Sql {
  if (setting === null) throw new Error('the id of this row comes with the request')
  return sql`set_config(${literal(`${setting}_total`)}, (${total})::text, true)`
}

/** The places after a step that deletes one row of an entity: each name of this row finds its last values in the setting. */
export function withLastValues(places: NamedPlaces, entity: string, setting: string): NamedPlaces {
  const after = (place: NamedPlace): NamedPlace =>
    place.many || place.entity.name !== entity ? place : { ...place, lastValues: [...place.lastValues, setting] }
  return new Map([...places].map(([name, place]) => [name, after(place)]))
}

/** What a statement reads: its `from` clause, and the scope of expressions in it. */
export interface Frame {
  /** Gives one row, with the columns of all named rows. */
  readonly from: Sql
  readonly scope: SqlScope
}

/** What all statements of one action share. */
export interface ActionScope {
  readonly model: Model
  readonly action: Action
  readonly places: NamedPlaces
  /** The ids of the rows that the step has locked, an array: it writes no others. Absent where the rows are locked before. */
  readonly held?: Sql
}

/** Makes the frame for the expressions of a statement. `own` are the names that are already in the `from` of the statement. */
export function frameOf(
  { model, action, places }: ActionScope,
  used: readonly (Predicate | Term | null)[],
  own: ReadonlyMap<string, Sql> = new Map(),
): Frame {
  const names = bindingsIn(used).filter((name) => !own.has(name) && places.get(name)?.many === false)
  const joins = names.map((name) => joinedRow(placeNamed(places, name), aliasOf(name)))
  const rows = new Map([...own, ...names.map((name) => [name, aliasOf(name)] as const)])
  const lists = [...places].filter(([, place]) => place.many)
  const sets = new Map(lists.flatMap(([name, { key, total, values }]) => (values === null ? [[name, { ids: key, total }] as const] : [])))
  const items = new Map(lists.flatMap(([name, { key, values }]) => (values === null ? [] : [[name, key] as const])))
  const scope: SqlScope = {
    ...rowScope(model, sql`"#none"`),
    rows,
    sets,
    items,
    maybe: maybeMissing(action, places),
    input: (name) => inputSql(action, name),
  }
  return { from: sql`(select 1) "#one"${join(joins, '', sql``)}`, scope }
}

/** Joins the row of a place: the row of its table or, after a step has deleted it, its last values. */
function joinedRow({ entity, key, lastValues }: NamedPlace, alias: Sql): Sql {
  const table = ident(entity.table)
  if (lastValues.length === 0) return sql` left join ${table} ${alias} on ${alias}.${idColumn(entity)} = ${key}`
  const row = sql`select t.* from ${table} t where t.${idColumn(entity)} = ${key}`
  const kept = lastValues.map((setting) => {
    const values = sql`nullif(current_setting(${literal(setting)}, true), '')::jsonb`
    const isRow = sql`p.${idColumn(entity)} = ${key} and not exists (${row})`
    return sql` union all select p.* from jsonb_populate_record(null::${table}, ${values}) p where ${isRow}`
  })
  return sql` left join lateral (${row}${join(kept, '', empty)}) ${alias} on true`
}

/**
 * The names of rows that may be missing: inputs that may be left out, and the results of steps that find or do nothing. A step that deletes
 * rows may delete any of them, by cascade.
 */
function maybeMissing({ inputs, steps }: Action, places: NamedPlaces): ReadonlySet<string> {
  const isOne = (name: string): boolean => places.get(name)?.many === false
  if (steps.some(({ verb }) => verb === 'delete')) return new Set([...places.keys()].filter(isOne))
  const left = inputs.flatMap(({ name, type, optional }) => (type.kind === 'reference' && optional ? [inputBinding(name)] : []))
  const skipped = steps.flatMap((step) => {
    const isSure = step.when === null && !(step.verb === 'find' && step.optional)
    return step.as === null || isSure ? [] : [step.as]
  })
  return new Set([...left, ...skipped].filter(isOne))
}

/** The place of a name. @throws Error when there is none (a defect of Plinth). */
export function placeNamed(places: NamedPlaces, name: string): NamedPlace {
  const place = places.get(name)
  if (place === undefined) throw new Error(`nothing keeps the row ${name}`)
  return place
}

/** The alias of a named row. No alias of a table or of the compiler of expressions begins with `@`. */
export function aliasOf(name: string): Sql {
  return ident(`@${name}`)
}

/** The value by which the request names the row of the action: its id, or that of the unique field of the address. */
export function rowSlot(entity: Entity, { row }: ActionAddress): Sql {
  return row === null || row.by === 'id' ? slot('id', idType(entity)) : slot('row', columnType(fieldNamed(entity, row.by).type))
}

/** The value of an input; null when the action has no input of this name. */
export function inputSql({ inputs }: Action, name: string): Sql | null {
  const input = inputs.find((one) => one.name === name)
  return input === undefined ? null : slot(`input.${name}`, columnType(input.type.type))
}

/** The slots of a token that the answer shows: the text that is stored, and the one that the caller gets. */
export function tokenSlots({ step, field }: ShownToken): { readonly stored: string; readonly text: string } {
  return { stored: `token.${step}.${field}.stored`, text: `token.${step}.${field}.text` }
}

/** Whether an input was sent. */
export function isSent(name: string): Sql {
  return slot(`sent.${name}`, 'boolean')
}

/** The names of rows in expressions, each once. */
function bindingsIn(used: readonly (Predicate | Term | null)[]): readonly string[] {
  const found = new Set<string>()
  const parts: Parts = {
    predicate: (p) => mapPredicate(p, parts),
    term: (t) => mapTerm(t, parts),
    row: (path) => {
      found.add(path.binding)
      return path
    },
  }
  for (const one of used) {
    if (one === null) continue
    if (isTerm(one)) parts.term(one)
    else parts.predicate(one)
  }
  return [...found]
}

function isTerm(of: Predicate | Term): of is Term {
  return 'type' in of
}

/** The id of the row at a path, as a term. */
export function idTerm(model: Model, row: RowPath): Term {
  const { type } = fieldNamed(entityNamed(model, row.entity), 'id')
  return { kind: 'field', type: { scalar: storedScalar(type), list: false }, row, field: 'id' }
}

/** The id of the row at a path with the rights of the action: for a caller it is missing where the path leads through something hidden. */
export function seenId(shared: ActionScope, row: RowPath): Term {
  return seenValue(shared, idTerm(shared.model, row))
}

/** A value with the rights of the action: for a caller it is missing where it is hidden. */
export function seenValue({ model, action, places }: ActionScope, value: Term): Term {
  return action.as === 'caller' ? maskValue(value, model, new Set(places.keys())) : value
}
