/** Makes columns from fields: type, default, computed value. */

import { empty, ident, join, literal, type Sql, sql, typeName } from '../../base/sql/sql.ts'
import { sqlText } from '../../base/sql/sql-text.ts'
import { unreachable } from '../../base/unreachable.ts'
import { type Column, ITEM_FUNCTIONS, SYSTEM_SCHEMA } from '../../model/database.ts'
import type { Term } from '../../model/expression.ts'
import { type Default, type Entity, type Field, fieldNamed, type Model } from '../../model/model.ts'
import { visitTerm } from '../../model/tree.ts'
import { rowScope } from '../rules/predicate-sql.ts'
import { termSql } from '../rules/term-sql.ts'
import { columnType } from '../values/column-type.ts'
import { constant } from '../values/literals.ts'
import { formerColumns } from './former-names.ts'

/** The column that full-text search reads. */
export const SEARCH_COLUMN = 'search_vector'

/** PostgreSQL has four weights; fields after the third share the last. */
const WEIGHTS = ['A', 'B', 'C', 'D'] as const

/** The columns of an entity, in the order of its fields, the search column last. */
export function columnsOf(model: Model, entity: Entity): readonly Column[] {
  const columns = entity.fields.map((field) => columnOf(model, entity, field))
  return entity.search === null ? columns : [...columns, searchColumn(entity, entity.search)]
}

function columnOf(model: Model, entity: Entity, field: Field): Column {
  const { type } = field
  const generated =
    type.kind === 'computed'
      ? sqlText(sql`(${termSql(type.term, rowScope(model, ident(entity.table)))})::${typeName(columnType(type))}`)
      : null
  const preset = generated === null && field.default !== null ? defaultSql(model, field, field.default) : null
  return {
    name: field.column,
    type: columnType(type),
    nullable: field.optional,
    default: preset === null ? null : sqlText(preset),
    generated,
    identity: field.default?.kind === 'generated' && field.default.by === 'identity',
    ...(field.default?.kind === 'expression' && preset === null ? { filledBy: 'requests' as const } : {}),
    ...(field.default?.kind === 'sequence' ? { numbered: numberedBy(entity, field.default.within) } : {}),
    ...(field.was === null ? {} : { was: formerColumns(field.was, type.kind === 'ref' ? 'reference' : 'plain') }),
  }
}

/** How a migration numbers existing rows: those of each scope in the order of their creation. */
function numberedBy(entity: Entity, within: string | null): NonNullable<Column['numbered']> {
  const order = ['createdAt', 'id'].map((name) => fieldNamed(entity, name).column)
  return { within: within === null ? null : fieldNamed(entity, within).column, order }
}

/**
 * The default of a column for plain SQL; null where only the application can compute it (an expression about the caller or the row, a
 * password's hash).
 */
function defaultSql(model: Model, field: Field, preset: Default): Sql | null {
  switch (preset.kind) {
    case 'value':
      return preset.value === null || field.type.kind === 'password' ? null : constant(field.type, preset.value)
    case 'expression':
    case 'set':
      if (preset.term.kind === 'now') return sql`now()`
      return needsCaller(preset.term) ? null : sql`(${termSql(preset.term, rowScope(model, empty))})::${typeName(columnType(field.type))}`
    // The next number is that of a counter, which no default of a column can read.
    case 'sequence':
      return null
    case 'generated':
      return GENERATED[preset.by]
    default:
      return unreachable(preset)
  }
}

/** Whether the value of a default depends on the caller or on the row, so that only the application knows it. */
export function needsCaller(term: Term): boolean {
  let asked = false
  visitTerm(term, { term: ({ kind }) => (asked ||= kind === 'auth' || kind === 'field') })
  return asked
}

/** The application makes ids in order of time. A row that plain SQL inserts gets a random id: PostgreSQL before 18 has no `uuidv7()`. */
const GENERATED: Readonly<Record<Extract<Default, { kind: 'generated' }>['by'], Sql | null>> = {
  uuidv7: sql`gen_random_uuid()`,
  identity: null,
  now: sql`now()`,
  one: sql`1`,
  token: sql`replace(gen_random_uuid()::text, '-', '')`,
}

function searchColumn(entity: Entity, search: NonNullable<Entity['search']>): Column {
  const language = sql`${literal(search.language)}::regconfig`
  const vectors = search.fields.map((name, i) => {
    const weight = literal(WEIGHTS[Math.min(i, WEIGHTS.length - 1)] ?? 'D')
    return sql`setweight(to_tsvector(${language}, coalesce(${searchedText(fieldNamed(entity, name), null)}, '')), ${weight})`
  })
  const generated = sqlText(join(vectors, ' || ', sql`''::tsvector`))
  return { name: SEARCH_COLUMN, type: 'tsvector', nullable: true, default: null, generated, identity: false }
}

/**
 * The searched text of a field; null where the field is missing. The column is that of the row under `alias`, or of the table itself.
 * PostgreSQL's function that joins a list is not immutable for all types, but it is for texts; a function of Plinth declares this.
 */
export function searchedText(field: Field, alias: Sql | null): Sql {
  const column = alias === null ? ident(field.column) : sql`${alias}.${ident(field.column)}`
  return field.type.kind === 'list' ? sql`${ident(SYSTEM_SCHEMA, ITEM_FUNCTIONS.joined)}(${column})` : column
}
