/**
 * Predicates → SQL, in two forms: `whenTrue` holds exactly where a predicate is true, `whenFalse` exactly where it is false, and
 * `not` swaps them. So a rule with three truth values becomes conditions with two, which indexes serve. Where a form does not hold
 * it may be false or NULL: WHERE, AND, OR and CASE treat both alike; to negate a form, write `is not true`.
 * docs/decisions/0003 has the reasons.
 */

import { ident, join, type Sql, sql } from '../../base/sql/sql.ts'
import type { Predicate, Term } from '../../model/expression.ts'
import { fieldNamed, type Model } from '../../model/model.ts'
import { isLeaf, type LeafPredicate, ruleFor } from '../../model/predicate.ts'
import { leafSql } from './leaf-sql.ts'
import { knownWith } from './row-local.ts'
import { bindRow, enter, idColumn, isThere, live, referenceSql, rowKey, rowsSql, type TermScope, termSql } from './term-sql.ts'

/** The SQL for the names of a rule in a statement. */
export type SqlScope = TermScope

type Quantified = Extract<Predicate, { kind: 'some' | 'every' }>
type Itemised = Extract<Predicate, { kind: 'someItem' | 'everyItem' }>
type Can = Extract<Predicate, { kind: 'can' }>
type Choose = Extract<Predicate, { kind: 'choose' }>

/** The scope of a rule about the row under `alias`, without a write. */
export function rowScope(model: Model, alias: Sql): SqlScope {
  const rows = new Map([['row', alias]])
  return { model, rows, items: new Map(), input: () => null, depth: 0, cans: 0, conditions: { whenTrue, truthOf } }
}

/** True exactly where the predicate is true; false or NULL elsewhere. Binds more tightly than `and`. */
export function whenTrue(p: Predicate, scope: SqlScope): Sql {
  switch (p.kind) {
    case 'const':
      return p.value === true ? sql`true` : sql`false`
    case 'all':
      return joined(
        p.of.map((part) => whenTrue(part, scope)),
        AND,
      )
    case 'any':
      return joined(
        p.of.map((part) => whenTrue(part, scope)),
        OR,
      )
    case 'not':
      return whenFalse(p.of, scope)
    case 'holds':
      return whenTrue(p.of, scope)
    case 'choose':
      return chooseSql(p, scope, whenTrue)
    case 'some':
      return rowsExist(p, scope, (inner) => whenTrue(p.where, inner))
    case 'every':
      return allOf(
        p,
        scope,
        noRows(p, scope, (inner) => whenTrue(p.where, inner)),
      )
    case 'someItem':
      return itemsExist(p, scope, (inner) => whenTrue(p.where, inner))
    case 'everyItem':
      return sql`(${termSql(p.over, scope)} is not null and not ${itemsExist(p, scope, (inner) => sql`(${whenTrue(p.where, inner)}) is not true`)})`
    case 'can':
      return canRow(p, scope, whenTrue)
    default:
      return byUniqueValue(p, scope) ?? leaf(p, scope).whenTrue
  }
}

/** True exactly where the predicate is false; false or NULL elsewhere. Binds more tightly than `and`. */
export function whenFalse(p: Predicate, scope: SqlScope): Sql {
  switch (p.kind) {
    case 'const':
      return p.value === false ? sql`true` : sql`false`
    case 'all':
      return joined(
        p.of.map((part) => whenFalse(part, scope)),
        OR,
      )
    case 'any':
      return joined(
        p.of.map((part) => whenFalse(part, scope)),
        AND,
      )
    case 'not':
      return whenTrue(p.of, scope)
    case 'holds':
      return sql`(${whenTrue(p.of, scope)}) is not true`
    case 'choose':
      return chooseSql(p, scope, whenFalse)
    case 'some':
      return allOf(
        p,
        scope,
        noRows(p, scope, (inner) => whenFalse(p.where, inner)),
      )
    case 'every':
      return rowsExist(p, scope, (inner) => whenFalse(p.where, inner))
    case 'someItem':
      return sql`(${termSql(p.over, scope)} is not null and not ${itemsExist(p, scope, (inner) => sql`(${whenFalse(p.where, inner)}) is not true`)})`
    case 'everyItem':
      return itemsExist(p, scope, (inner) => whenFalse(p.where, inner))
    case 'can':
      return sql`not ${canRow(p, scope, (rule, inner) => sql`(${whenFalse(rule, inner)}) is not true`)}`
    default:
      return leaf(p, scope).whenFalse
  }
}

/** The value of `exists`. If no row satisfies the condition, all rows are read only if the condition may be unknown for one of them. */
function existsValue(p: Quantified, scope: SqlScope): Sql {
  const holds = sql`case when ${whenTrue(p, scope)} then true`
  const fails = sql`when ${whenFalse(p, scope)} then false end`
  const values = isThere(p.over.of, scope) ? knownWith(p.where, p.as, scope.model) : null
  if (values === null) return sql`(${holds} ${fails})`
  if (values.length === 0) return sql`(${holds} else false end)`
  const known = values.map((value) => sql`${termSql(value, scope)} is not null`)
  return sql`(${holds} when ${join(known, ' and ', sql``)} then false ${fails})`
}

/** The value of the predicate: true, false or NULL, for a condition that is used as a value. SQL's own logic is Kleene's. */
export function truthOf(p: Predicate, scope: SqlScope): Sql {
  switch (p.kind) {
    case 'const':
      return p.value === null ? sql`null::boolean` : p.value ? sql`true` : sql`false`
    case 'all':
      return sql`(${join(
        p.of.map((part) => truthOf(part, scope)),
        ' and ',
        sql`true`,
      )})`
    case 'any':
      return sql`(${join(
        p.of.map((part) => truthOf(part, scope)),
        ' or ',
        sql`false`,
      )})`
    case 'not':
      return sql`(not ${truthOf(p.of, scope)})`
    case 'holds':
      return sql`((${whenTrue(p.of, scope)}) is true)`
    case 'choose':
      return sql`(case ${truthOf(p.test, scope)} when true then ${truthOf(p.yes, scope)} when false then ${truthOf(p.no, scope)} end)`
    case 'some':
      return existsValue(p, scope)
    case 'every':
    case 'someItem':
    case 'everyItem':
    case 'can':
      return sql`(case when ${whenTrue(p, scope)} then true when ${whenFalse(p, scope)} then false end)`
    default:
      return leaf(p, scope).value
  }
}

function leaf(p: LeafPredicate, scope: SqlScope) {
  return leafSql(p, { term: (term) => termSql(term, scope), whenTrue: (test) => whenTrue(test, scope), model: scope.model })
}

interface Joint {
  readonly separator: ' and ' | ' or '
  readonly neutral: 'true' | 'false'
}

const AND: Joint = { separator: ' and ', neutral: 'true' }
const OR: Joint = { separator: ' or ', neutral: 'false' }

/** `(a and b)`, without neutral parts; a deciding part replaces the whole. This keeps the SQL of specialised rules short. */
function joined(parts: readonly Sql[], { separator, neutral }: Joint): Sql {
  const [whenEmpty, deciding] = neutral === 'true' ? [sql`true`, 'false'] : [sql`false`, 'true']
  const decided = parts.find((part) => isWord(part, deciding))
  if (decided !== undefined) return decided
  const kept = parts.filter((part) => !isWord(part, neutral))
  const [first] = kept
  return first !== undefined && kept.length === 1 ? first : kept.length === 0 ? whenEmpty : sql`(${join(kept, separator, whenEmpty)})`
}

function isWord(value: Sql, word: string): boolean {
  const [part] = value.parts
  return value.parts.length === 1 && part?.kind === 'text' && part.text === word
}

/**
 * A test that is one comparison is written out twice, for indexes; any other is evaluated once, so that nesting
 * cannot double the text each time.
 */
function chooseSql(p: Choose, scope: SqlScope, form: (part: Predicate, scope: SqlScope) => Sql): Sql {
  const [yes, no] = [form(p.yes, scope), form(p.no, scope)]
  if (!isLeaf(p.test)) return sql`(case ${truthOf(p.test, scope)} when true then ${yes} when false then ${no} end)`
  const { whenTrue: holds, whenFalse: fails } = leaf(p.test, scope)
  return joined([joined([holds, yes], AND), joined([fails, no], AND)], OR)
}

function rowsExist(p: Quantified, scope: SqlScope, condition: (inner: SqlScope) => Sql): Sql {
  const { from, inner } = rowsSql(p.over, p.as, scope)
  const where = condition(inner)
  return isWord(where, 'true') ? sql`exists (select 1 ${from})` : sql`exists (select 1 ${from} and ${where})`
}

/** Holds where the condition holds for every row. */
function noRows(p: Quantified, scope: SqlScope, condition: (inner: SqlScope) => Sql): Sql {
  const { from, inner } = rowsSql(p.over, p.as, scope)
  const where = condition(inner)
  if (isWord(where, 'true')) return sql`true`
  return isWord(where, 'false') ? sql`not exists (select 1 ${from})` : sql`not exists (select 1 ${from} and (${where}) is not true)`
}

/** If the row itself is missing, its relation is unknown, not empty. */
function allOf(p: Quantified, scope: SqlScope, none: Sql): Sql {
  return isThere(p.over.of, scope) ? none : sql`(${rowKey(p.over.of, scope)} is not null and ${none})`
}

function itemsExist(p: Itemised, scope: SqlScope, condition: (inner: SqlScope) => Sql): Sql {
  const depth = scope.depth + 1
  const alias = ident(`i${depth}`)
  const inner: SqlScope = { ...scope, depth, items: new Map([...scope.items, [p.as, sql`${alias}.item`]]) }
  return sql`exists (select 1 from unnest(${termSql(p.over, scope)}) ${alias}(item) where ${condition(inner)})`
}

/** A design without a cycle never nests `can` so deep; `plan` refuses cycles. */
const MOST_CANS = 100

/** `exists` over the one row that `can` tests, with `condition` applied to that row's rule. */
function canRow(p: Can, scope: SqlScope, condition: (rule: Predicate, inner: SqlScope) => Sql): Sql {
  if (scope.cans >= MOST_CANS) throw new Error('can() leads back to itself')
  const { entity, alias, inner } = enter(p.row.entity, scope)
  const own: SqlScope = bindRow({ ...inner, rows: new Map(), items: new Map(), input: () => null, cans: scope.cans + 1 }, 'row', alias)
  const found = sql`select 1 from ${ident(entity.table)} ${alias} where ${alias}.${idColumn(entity)} = ${referenceSql(p.row, inner)}${live(entity, alias)}`
  return sql`exists (${found} and ${condition(ruleFor(entity, p.operation), own)})`
}

/**
 * A condition that is true exactly where `p` is true, as a comparison of a reference with the row of a unique value. Null unless `p`
 * compares a unique field behind a reference with a value of the request, as in `author.username == input.author`. The row is found once,
 * and an index on the reference serves the condition; otherwise the name of each row's author would be looked up.
 */
function byUniqueValue(p: LeafPredicate, scope: SqlScope): Sql | null {
  if (p.kind !== 'compare' || p.op !== '=') return null
  const [path, value] = isOfRequest(p.right) ? [p.left, p.right] : [p.right, p.left]
  if (path.kind !== 'field' || path.row.hops.length === 0 || !isOfRequest(value) || path.type.scalar !== value.type.scalar) return null
  const { entity, alias, inner } = enter(path.row.entity, scope)
  const isUnique = path.field !== 'id' && entity.uniques.some(({ fields }) => fields.length === 1 && fields[0] === path.field)
  if (!isUnique) return null
  const found = sql`select ${alias}.${idColumn(entity)} from ${ident(entity.table)} ${alias}`
  const column = ident(fieldNamed(entity, path.field).column)
  return sql`${referenceSql(path.row, scope)} = (${found} where ${alias}.${column} = ${termSql(value, inner)}${live(entity, alias)})`
}

function isOfRequest({ kind }: Term): boolean {
  return kind === 'input' || kind === 'param' || kind === 'auth' || kind === 'literal'
}
