/** The columns of a row in an answer, and the shape of its JSON. */

import { empty, ident, join, type Sql, sql } from '../../../base/sql/sql.ts'
import { unreachable } from '../../../base/unreachable.ts'
import type { Model } from '../../../model/model.ts'
import { type Field, storedScalar } from '../../../model/model.ts'
import { isAlways } from '../../../model/predicate.ts'
import { isSealed } from '../../../model/privacy/sealed.ts'
import type { ScalarKind } from '../../../model/scalar.ts'
import { hiddenUnlessSql, shownSql } from '../../rules/hidden-value.ts'
import { rowScope, whenTrue } from '../../rules/predicate-sql.ts'
import { termSql } from '../../rules/term-sql.ts'
import { jsonColumn, spelledSql } from '../json/json-sql.ts'
import { inOrder } from '../json/json-text.ts'
import { globalIdSql, idColumnName, includeAlias, rowsWhere } from '../output-sql.ts'
import { computes, type Extra, type Include, type Output, type OutputField } from '../plan.ts'
import { type ColumnKind, constantPart, objectParts, type Piece } from './shape.ts'

/** The columns of an output, in the order in which its pieces use them. */
export interface OutputColumns {
  readonly columns: readonly Sql[]
  readonly pieces: readonly Piece[]
  /** The part of `from` after the rows of the output. It joins the rows behind their references. */
  readonly joins: Sql
  /** The indexes of the columns that hold the stored value of a field in every row, by the name of the field. */
  readonly plain: ReadonlyMap<string, number>
}

type ToOne = Extract<Include, { kind: 'to-one' }>

/** A column of a statement, and how it becomes JSON. */
export interface JsonColumn {
  readonly value: Sql
  readonly as: ColumnKind
}

/**
 * How a scalar becomes a column. The cast is explicit, because another version of the design may have given the column another type.
 * Scalars with the type `text` arrive as text, because their binary forms are not shorter or need more work here.
 */
const SCALAR_COLUMNS = {
  text: { as: 'text', type: sql`text` },
  email: { as: 'text', type: sql`text` },
  url: { as: 'text', type: sql`text` },
  uuid: { as: 'uuid', type: sql`uuid` },
  integer: { as: 'integer', type: sql`bigint` },
  decimal: { as: 'characters', type: sql`text` },
  number: { as: 'json', type: sql`text` },
  boolean: { as: 'boolean', type: sql`boolean` },
  timestamp: { as: 'timestamp', type: sql`timestamptz` },
  date: { as: 'characters', type: sql`text` },
  time: { as: 'characters', type: sql`text` },
  duration: { as: 'characters', type: sql`text` },
  // Never selected as columns: `outputColumns` has none for an output that shows them.
  encrypted: { as: 'json', type: sql`text` },
  // Never selected as columns: `outputColumns` has none for an output that shows them.
  encryptedEqual: { as: 'json', type: sql`text` },
  json: { as: 'json', type: sql`text` },
} as const satisfies Record<ScalarKind, { readonly as: ColumnKind; readonly type: Sql }>

/**
 * The columns of the row under `alias`, and of the rows behind its references.
 *
 * @returns null for an output that has no columns: one with lists of rows, with computed fields that are no columns, with encrypted
 *   fields, or with the same row again.
 */
export function outputColumns(model: Model, output: Output, alias: string): OutputColumns | null {
  if (computes(output) || output.fields.some(({ field }) => isSealed(field))) return null
  const members: ObjectMember[] = output.fields.map((field) => [
    field.as ?? field.field.name,
    { ...columnValue(fieldColumn(model, field, alias)), ...(isPlain(field) ? { plain: new Map([[field.field.name, 0]]) } : {}) },
  ])
  const joins: Sql[] = []
  for (const include of output.includes) {
    const joined = include.kind === 'to-one' ? joinedRow(model, include, alias) : null
    if (joined === null) return null
    joins.push(joined.join)
    members.push([include.name, joined.value])
  }
  for (const extra of output.extras ?? []) {
    const value = extraValue(model, { extra, entity: output.entity }, alias)
    if (value === null) return null
    members.push([extra.key, value])
  }
  const ordered = output.keys === undefined ? members : inOrder(members, output.keys)
  return { ...objectColumns(ordered), joins: join(joins, '', empty) }
}

/** A value of the JSON object: its columns, and the pieces that use them. */
export interface ColumnsValue {
  readonly columns: readonly Sql[]
  readonly pieces: readonly Piece[]
  /** The indexes of its columns that hold the stored value of a field in every row, by the name of the field. */
  readonly plain?: ReadonlyMap<string, number>
}

/** A member of a JSON object. */
export type ObjectMember = readonly [key: string, value: ColumnsValue]

/** A value that is one column. */
export function columnValue({ value, as }: JsonColumn): ColumnsValue {
  return { columns: [value], pieces: [{ kind: 'column', as }] }
}

/** A value that is the same in every row. */
export function constantValue(value: string | boolean): ColumnsValue {
  return { columns: [], pieces: [constantPart(value)] }
}

/** The columns and pieces of an object of members. */
export function objectColumns(members: readonly ObjectMember[]): Omit<OutputColumns, 'joins'> {
  const columns: Sql[] = []
  const plain = new Map<string, number>()
  for (const [, value] of members) {
    for (const [name, at] of value.plain ?? []) plain.set(name, columns.length + at)
    columns.push(...value.columns)
  }
  return { columns, plain, pieces: objectParts<Piece>(members.map(([key, { pieces }]) => [key, pieces] as const)) }
}

function extraValue(
  model: Model,
  { extra, entity }: { readonly extra: Extra; readonly entity: Output['entity'] },
  alias: string,
): ColumnsValue | null {
  switch (extra.kind) {
    case 'constant':
      return constantValue(extra.value)
    case 'global-id':
      return columnValue({ value: globalIdSql(model, { extra, entity }, alias), as: 'characters' })
    case 'row':
      return null
    default:
      return unreachable(extra)
  }
}

/**
 * The row behind a reference. It is a subquery of at most one row, so that PostgreSQL reads it once for each row of the page, in the order
 * of the page; once for the whole page when the filter fixes the reference. Then it is one column, which PostgreSQL also makes once.
 */
function joinedRow(model: Model, include: ToOne, outer: string): { readonly value: ColumnsValue; readonly join: Sql } | null {
  const alias = includeAlias(outer, include.alias ?? include.name)
  const output = outputColumns(model, include.output, alias)
  if (output === null) return null
  const outerScope = rowScope(model, ident(outer))
  const key = include.pinned === undefined ? ident(outer, include.field.column) : termSql(include.pinned, outerScope)
  const id = ident(alias, idColumnName(include.output))
  const visible = rowsWhere(model, include.output.entity, { alias, holds: include.visible })
  const followed = isAlways(include.refVisible) ? sql`true` : whenTrue(include.refVisible, outerScope)
  const isRecord = include.pinned !== undefined && include.output.includes.length === 0
  const shown = isRecord ? sql`record_send(row(${join(output.columns, ', ', empty)})) as "#record"` : sql`${ident(alias)}.*`
  const row = sql`select ${shown} from ${ident(include.output.entity.table)} ${ident(alias)} where ${id} = ${key} and ${visible} limit 1`
  return {
    value: isRecord
      ? { columns: [ident(alias, '#record')], pieces: [{ kind: 'record', pieces: output.pieces }] }
      : { columns: [sql`${id} is not null`, ...output.columns], pieces: [{ kind: 'object', pieces: output.pieces }] },
    join: sql` left join lateral (${row}) ${ident(alias)} on ${followed}${output.joins}`,
  }
}

/** Whether the column holds the stored value of the field in every row. */
function isPlain({ field, visible, spelled }: OutputField): boolean {
  return (
    isAlways(visible) &&
    spelled === undefined &&
    field.type.kind !== 'list' &&
    field.type.kind !== 'file' &&
    storedScalar(field.type) !== 'duration'
  )
}

function fieldColumn(model: Model, { field, visible, spelled }: OutputField, alias: string): JsonColumn {
  const column = ident(alias, field.column)
  const { value, as } = spelled === undefined ? storedColumn(field, column) : spelledColumn(field, column, spelled)
  return { value: hiddenUnlessSql(shownSql(model, visible, alias), value), as }
}

function storedColumn(field: Field, column: Sql): JsonColumn {
  const { type } = field
  if (type.kind === 'list') return listColumn(field, column)
  // Another version of the design may have choices with characters that need escaping.
  if (type.kind === 'choice') return { value: sql`${column}::text`, as: 'text' }
  if (type.kind === 'file') return { value: sql`(${jsonColumn(field, column)})::text`, as: 'json' }
  const scalar = storedScalar(type)
  const { as, type: columnType } = SCALAR_COLUMNS[scalar]
  return { value: scalar === 'duration' ? jsonColumn(field, column) : sql`${column}::${columnType}`, as }
}

/** Lists of these scalars become arrays of JSON strings. */
const TEXTS: ReadonlySet<ScalarKind> = new Set(['text', 'email', 'url'])

function listColumn(field: Field, column: Sql): JsonColumn {
  if (TEXTS.has(storedScalar(field.type))) return { value: sql`${column}::text[]`, as: 'texts' }
  return { value: sql`to_json(${jsonColumn(field, column)})::text`, as: 'json' }
}

function spelledColumn({ type }: Field, column: Sql, names: ReadonlyMap<string, string>): JsonColumn {
  const isList = type.kind === 'list'
  return { value: sql`${spelledSql(column, isList, names)}::${isList ? sql`text[]` : sql`text`}`, as: isList ? 'texts' : 'text' }
}
