/** Terms → SQL. A missing value is NULL. No term raises an error for any values of a row. */

import { ident, join, literal, numberLiteral, type Sql, sealedSlot, slot, sql, typeName } from '../../base/sql/sql.ts'
import { MAX_ANSWER_BYTES, TOO_MANY_BYTES } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import {
  type AggregateName,
  type Predicate,
  type RowPath,
  type RowSet,
  rowBefore,
  type Term,
  type ValueType,
} from '../../model/expression.ts'
import { type Entity, entityNamed, fieldNamed, type Model, storedScalar } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { isEncrypted, SCALARS, type ScalarKind } from '../../model/scalar.ts'
import { visitTerm } from '../../model/tree.ts'
import { calculable, callSql } from './call-sql.ts'
import { digestSql } from './shown/digest-sql.ts'
import { shownValue } from './shown/file-sql.ts'

/** The SQL for the names of an expression in a statement. Aliases `r1`, `r2`, … and `i1`, `i2`, … are reserved for the compiler. */
export interface TermScope {
  readonly model: Model
  /** The alias of each row binding; `row` is the row that the rule is about. */
  readonly rows: ReadonlyMap<string, Sql>
  /** The value of each item binding. */
  readonly items: ReadonlyMap<string, Sql>
  /** The rows that the steps of an action have named, by that name; absent outside of actions. */
  readonly sets?: ReadonlyMap<string, NamedSet>
  /** The bindings of rows that may be missing; absent outside of actions. */
  readonly maybe?: ReadonlySet<string>
  /** A value as the caller sent it; null when the statement has no input of that name. */
  readonly input: (field: string) => Sql | null
  /** Gives the value of a field of the row that the statement makes. If present, `row` means that row, which has no alias. */
  readonly made?: (field: string) => Sql
  /** The number of subqueries around this place; the next alias contains it. */
  readonly depth: number
  /** The number of `can` rules around this place. */
  readonly cans: number
  /** How conditions inside of terms become SQL. */
  readonly conditions: Conditions
}

/** Rows that a step has named. */
export interface NamedSet {
  /** The array of their ids, null for none. */
  readonly ids: Sql
  /** How many rows the step would have named without its limit. */
  readonly total: Sql
}

/** The compilers of conditions inside of terms. They are passed as values, because terms and conditions contain each other. */
export interface Conditions {
  readonly whenTrue: (predicate: Predicate, scope: TermScope) => Sql
  readonly truthOf: (predicate: Predicate, scope: TermScope) => Sql
}

/** A type as PostgreSQL names it. */
export function sqlType(type: ValueType): string {
  const { column } = SCALARS[type.scalar]
  return type.list ? `${column}[]` : column
}

/** A term as a scalar expression that binds at least as tightly as a cast. */
export function termSql(term: Term, scope: TermScope): Sql {
  switch (term.kind) {
    case 'literal':
      return literalSql(term)
    case 'null':
      return sql`null::${typeName(sqlType(term.type))}`
    case 'param':
      return isEncrypted(term.type.scalar) ? sealedSlot(term.key, 'text[]', { by: 'digests' }) : slot(term.key, sqlType(term.type))
    case 'field':
      if (isEncrypted(term.type.scalar)) return digestSql(fieldSql(term.row, term.field, scope))
      return shownValue(fieldNamed(entityNamed(scope.model, term.row.entity), term.field).type, fieldSql(term.row, term.field, scope))
    case 'item':
      return bound(scope.items, term.binding)
    case 'auth':
      return slot(`auth.${term.claim}`, sqlType(term.type))
    case 'input':
      return scope.input(term.field) ?? sql`null::${typeName(sqlType(term.type))}`
    case 'now':
      return sql`now()::timestamp(3) with time zone`
    case 'if':
      return choiceSql(term, scope, (branch) => termSql(branch, scope))
    case 'list':
      return sql`array[${join(
        term.of.map((item) => termSql(item, scope)),
        ', ',
        sql``,
      )}]::${typeName(sqlType(term.type))}`
    case 'call':
      return callSql(term, { term: (each) => termSql(each, scope), choice: (each, branch) => choiceSql(each, scope, branch) })
    case 'count':
      return countSql(term, scope)
    case 'aggregate':
      return aggregateSql(term, scope)
    case 'aggregateItems':
      return itemsSql(term, scope)
    case 'derived':
      return termSql(term.of, scope)
    case 'predicate':
      return scope.conditions.truthOf(term.of, scope)
    default:
      return unreachable(term)
  }
}

/** Leaves out an `else` that is null, because a `case` without a match is NULL. */
function choiceSql(term: Extract<Term, { kind: 'if' }>, scope: TermScope, branch: (term: Term) => Sql): Sql {
  const yes = branch(term.yes)
  if (term.no.kind === 'null') return sql`(case when ${scope.conditions.whenTrue(term.test, scope)} then ${yes} end)`
  return sql`(case ${scope.conditions.truthOf(term.test, scope)} when true then ${yes} when false then ${branch(term.no)} end)`
}

function literalSql(term: Extract<Term, { kind: 'literal' }>): Sql {
  const { value, type } = term
  if (typeof value === 'object') {
    const items = value.map((item) => itemSql(item, type.scalar))
    return items.length === 0 ? sql`'{}'::${typeName(sqlType(type))}` : sql`array[${join(items, ', ', sql``)}]::${typeName(sqlType(type))}`
  }
  return itemSql(value, type.scalar)
}

/** One constant. Texts, booleans and whole numbers need no cast; every other kind has a cast to its type. */
export function itemSql(value: string | number | boolean, scalar: ScalarKind): Sql {
  if (typeof value === 'boolean') return value ? sql`true` : sql`false`
  if (typeof value === 'number')
    return scalar === 'integer' ? numberLiteral(value) : sql`${numberLiteral(value)}::${typeName(SCALARS[scalar].column)}`
  const { column } = SCALARS[scalar]
  return column === 'text' ? literal(value) : sql`${literal(value)}::${typeName(column)}`
}

/** The value of a binding. @throws Error when the expression uses an unbound name (a defect of Plinth). */
export function bound(bindings: ReadonlyMap<string, Sql>, name: string): Sql {
  const found = bindings.get(name)
  if (found === undefined) throw new Error(`nothing binds ${name}`)
  return found
}

/** A field of the row at a path. Each step is a lookup by primary key; a soft-deleted row counts as missing. */
export function fieldSql(row: RowPath, field: string, scope: TermScope): Sql {
  const { column } = fieldNamed(entityNamed(scope.model, row.entity), field)
  if (row.hops.length === 0 && row.binding === 'row' && scope.made !== undefined) return scope.made(field)
  if (row.hops.length === 0) return sql`${bound(scope.rows, row.binding)}.${ident(column)}`
  // A foreign key guarantees that the row exists, unless it can be soft-deleted.
  if (field === 'id' && !entityNamed(scope.model, row.entity).softDelete) return referenceSql(row, scope)
  const { entity, alias, inner } = enter(row.entity, scope)
  return sql`(select ${alias}.${ident(column)} from ${ident(entity.table)} ${alias} where ${alias}.${idColumn(entity)} = ${referenceSql(row, inner)}${live(entity, alias)})`
}

/** The id of the row at a path, from the reference to it. The row itself need not exist. */
export function referenceSql(row: RowPath, scope: TermScope): Sql {
  const before = rowBefore(row)
  return before === null ? fieldSql(row, 'id', scope) : fieldSql(before, row.hops.at(-1)?.field ?? 'id', scope)
}

/** The id of the row at a path; NULL when the row is missing. */
export function rowKey(row: RowPath, scope: TermScope): Sql {
  return fieldSql(row, 'id', scope)
}

/** A subquery's own row: its entity, its alias, and the scope inside of it. */
export function enter(name: string, scope: TermScope): { readonly entity: Entity; readonly alias: Sql; readonly inner: TermScope } {
  const depth = scope.depth + 1
  return { entity: entityNamed(scope.model, name), alias: ident(`r${depth}`), inner: { ...scope, depth } }
}

/** The SQL type of the ids of an entity. */
export function idType(entity: Entity): string {
  return SCALARS[storedScalar(fieldNamed(entity, 'id').type)].column
}

/** The column of the id, without an alias. */
export function idColumn(entity: Entity): Sql {
  return ident(fieldNamed(entity, 'id').column)
}

/** The condition ` and …` that excludes soft-deleted rows; empty for an entity without soft delete. */
export function live(entity: Entity, alias: Sql): Sql {
  const deletedAt = entity.fields.find((field) => field.system === 'deletedAt')
  return deletedAt === undefined ? sql`` : sql` and ${alias}.${ident(deletedAt.column)} is null`
}

/**
 * The rows of a to-many relation, with a name for each: `from posts r1 where r1.author_id = … [and r1.deleted_at is null]`; or the rows
 * that a step of an action has named.
 *
 * @throws Error for named rows outside of their action (a defect of Plinth).
 */
export function rowsSql(over: RowSet, as: string, scope: TermScope): { readonly from: Sql; readonly inner: TermScope } {
  const { entity, alias, inner } = enter(over.entity, scope)
  if (over.via === null) {
    const isNamed = sql`${alias}.${idColumn(entity)} = any(${namedSet(over.of.binding, scope).ids})`
    return { from: sql`from ${ident(entity.table)} ${alias} where ${isNamed}`, inner: bindRow(inner, as, alias) }
  }
  const via = ident(fieldNamed(entity, over.via).column)
  const from = sql`from ${ident(entity.table)} ${alias} where ${alias}.${via} = ${rowKey(over.of, inner)}${live(entity, alias)}`
  return { from, inner: bindRow(inner, as, alias) }
}

/** The rows that a step has named. @throws Error for a name that the statement does not have (a defect of Plinth). */
export function namedSet(name: string, { sets }: TermScope): NamedSet {
  const set = sets?.get(name)
  if (set === undefined) throw new Error(`nothing binds the rows ${name}`)
  return set
}

/** Whether the row at a path surely exists. The relation of a row that is missing is unknown. */
export function isThere({ hops, binding }: RowPath, { maybe }: TermScope): boolean {
  return hops.length === 0 && maybe?.has(binding) !== true
}

/** One value of the related rows. Values are bounded as in calculations, so that no sum overflows. */
function aggregateSql(term: Extract<Term, { kind: 'aggregate' }>, scope: TermScope): Sql {
  const { from, inner } = rowsSql(term.over, term.as, scope)
  const where = isAlways(term.where) ? sql`` : sql` and ${scope.conditions.whenTrue(term.where, inner)}`
  const value = aggregated(term, inner)
  // An aggregate belongs to the query whose columns its argument names; so the argument is a column of this query.
  const isText = term.name === 'list' && SCALARS[term.type.scalar].column === 'text'
  const own = namesRow(term.of, term.as)
    ? sql`${AGGREGATES[term.name](value, term, placeOf(term, inner))} ${from}${where}`
    : sql`${AGGREGATES[term.name](sql`a."value"`, term, sql`1`)} from (select ${value} as "value" ${from}${where}) a`
  const place = placeOf(term, inner)
  const values = isText ? boundedList(term, sql`select ${value} as "value", ${place} as "place" ${from}${where}`) : own
  const result = sql`(select ${values})`
  return isThere(term.over.of, scope) ? result : sql`(case when ${rowKey(term.over.of, scope)} is not null then ${result} end)`
}

/** The list of texts from a query of values and places. The statement fails at the first text that exceeds the bytes of an answer. */
function boundedList(term: Extract<Term, { kind: 'aggregate' }>, values: Sql): Sql {
  const bytes = sql`sum(octet_length(v."value")) over (order by v."place" rows unbounded preceding)`
  const counted = sql`select v."value", v."place", ${bytes} as "bytes" from (${values}) v`
  const tooMany = sql`current_setting(${literal(TOO_MANY_BYTES)})`
  const bounded = sql`case when a."bytes" <= ${numberLiteral(MAX_ANSWER_BYTES)} then a."value" else ${tooMany} end`
  return sql`${AGGREGATES.list(bounded, term, sql`a."place"`)} from (${counted}) a`
}

/** The place of a row in the order of its relation, which is that of the ids, or in the list that a step has named. */
function placeOf({ over, as }: Extract<Term, { kind: 'aggregate' }>, inner: TermScope): Sql {
  const id = rowKey({ binding: as, root: over.entity, hops: [], entity: over.entity }, inner)
  return over.via === null ? sql`array_position(${namedSet(over.of.binding, inner).ids}, ${id})` : id
}

function namesRow(term: Term, binding: string): boolean {
  let names = false
  visitTerm(term, { term: (t) => (names ||= t.kind === 'field' && t.row.binding === binding) })
  return names
}

/** The same for the items of a list. The list is written once; otherwise each level of nesting would double the text. */
function itemsSql(term: ItemsTerm, scope: TermScope): Sql {
  const depth = scope.depth + 1
  const [list, item] = [ident(`l${depth}`), ident(`i${depth}`)]
  const inner: TermScope = { ...scope, depth, items: new Map([...scope.items, [term.as, sql`${item}."value"`]]) }
  const where = isAlways(term.where) ? sql`` : sql` where ${scope.conditions.whenTrue(term.where, inner)}`
  const values = sql`select ${aggregated(term, inner)} as "value", ${item}."place" from unnest(${list}."of") with ordinality ${item}("value", "place")${where}`
  const result = sql`select ${AGGREGATES[term.name](sql`a."value"`, term, sql`a."place"`)} from (${values}) a`
  return sql`(select case when ${list}."of" is not null then (${result}) end from (select ${termSql(term.over, scope)} as "of" offset 0) ${list})`
}

type ItemsTerm = Extract<Term, { kind: 'aggregateItems' }>
type AggregateTerm = Extract<Term, { kind: 'aggregate' }> | ItemsTerm

/** The value of one row or item. A list keeps values that are too large for calculations. */
function aggregated({ name, of }: AggregateTerm, inner: TermScope): Sql {
  if (name === 'list') return termSql(of, inner)
  return calculable(of, { term: (each) => termSql(each, inner), choice: (each, branch) => choiceSql(each, inner, branch) })
}

/** The aggregates of SQL for the values; `place` is the place of a value in the order of a list. */
const AGGREGATES: Readonly<Record<AggregateName, (value: Sql, term: AggregateTerm, place: Sql) => Sql>> = {
  sum: (value, term) => sql`coalesce(sum(${value}), ${term.type.scalar === 'duration' ? sql`interval '0'` : sql`0`})`,
  avg: (value, term) =>
    term.type.scalar === 'number' ? sql`(sum(${value})::double precision / nullif(count(${value}), 0))` : sql`avg(${value})`,
  min: (value, { type }) => extreme(sql`min`, value, type),
  max: (value, { type }) => extreme(sql`max`, value, type),
  list: (value, term, place) =>
    sql`coalesce(array_agg(${value} order by ${place}) filter (where ${value} is not null), '{}'::${typeName(sqlType(term.type))})`,
}

/** Texts are compared by code point. The result has the default collation: PostgreSQL compares no texts with two other collations. */
function extreme(aggregate: Sql, value: Sql, { scalar }: ValueType): Sql {
  return SCALARS[scalar].column === 'text' ? sql`${aggregate}(${value} collate "C") collate "default"` : sql`${aggregate}(${value})`
}

/** The scope in which `as` names the row under an alias. */
export function bindRow(scope: TermScope, as: string, alias: Sql): TermScope {
  return { ...scope, rows: new Map([...scope.rows, [as, alias]]) }
}

function countSql(term: Extract<Term, { kind: 'count' }>, scope: TermScope): Sql {
  if (term.over.via === null && term.over.beyond) return namedSet(term.over.of.binding, scope).total
  const { from, inner } = rowsSql(term.over, term.as, scope)
  const where = isAlways(term.where) ? sql`` : sql` and ${scope.conditions.whenTrue(term.where, inner)}`
  const count = sql`(select count(*) ${from}${where})`
  return isThere(term.over.of, scope) ? count : sql`(case when ${rowKey(term.over.of, scope)} is not null then ${count} end)`
}
