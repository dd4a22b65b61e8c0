/**
 * The conditions of a page of rows. A condition that holds only where a reference leads to a row becomes a semi-join with that row, so that
 * PostgreSQL can start from the referenced table: one index finds the author by e-mail address, another the author's posts. A scalar
 * subquery for each row (`termSql`) would prevent this.
 */

import { ident, join, type Sql, sql } from '../../base/sql/sql.ts'
import { unreachable } from '../../base/unreachable.ts'
import { type Hop, type Predicate, type RowPath, rootRow, type Term } from '../../model/expression.ts'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import { isAlways, isLeaf } from '../../model/predicate.ts'
import { mapPredicate, mapTerm, type Parts } from '../../model/tree.ts'
import { hoist, hoistLeaf } from './leaf-sql.ts'
import { rowScope, type SqlScope, whenTrue } from './predicate-sql.ts'
import { bindRow, enter, idColumn, live, referenceSql } from './term-sql.ts'

/** The conditions that the row under `alias` is not soft-deleted and that each of the predicates is true for it. */
export function pageWhere(
  model: Model,
  entity: Entity,
  page: { readonly alias: string; readonly holds: readonly Predicate[] },
): readonly Sql[] {
  const deletedAt = entity.fields.find((field) => field.system === 'deletedAt')
  const there = deletedAt === undefined ? [] : [sql`${ident(page.alias, deletedAt.column)} is null`]
  const scope = rowScope(model, ident(page.alias))
  return [...there, ...page.holds.flatMap((p) => conditions(p, { row: rootRow(entity.name), scope }))]
}

/** The row that conditions are about, and its scope in SQL. */
export interface WherePlace {
  readonly row: RowPath
  readonly scope: SqlScope
}

/**
 * Conditions that together hold exactly for the rows for which a predicate is true; none if the predicate is always true. For WHERE, where
 * false and NULL both exclude the row.
 */
export function conditions(p: Predicate, place: WherePlace): readonly Sql[] {
  if (isAlways(p)) return []
  const { scope } = place
  const parts = hoistedConjuncts(p).map((part) => ({ part, hop: [...hopsOf(part, place).values()][0] ?? null }))
  const far = parts.flatMap(({ part, hop }) => (hop === null ? [] : [{ part, hop }]))
  if (far.length === 0) return [sql`(${whenTrue(p, scope)})`]
  const own = parts.flatMap(({ part, hop }) => (hop === null ? [part] : []))
  const joined = [...Map.groupBy(far, ({ hop }) => hop.field).values()].map((group) => semiJoin(group, place))
  return own.length === 0 ? joined : [sql`(${whenTrue({ kind: 'all', of: own }, scope)})`, ...joined]
}

/** `exists (select 1 from users r1 where r1.id = t.author_id and …)`: the referenced row, with the conditions on it. */
function semiJoin(group: readonly { readonly part: Predicate; readonly hop: Hop }[], { row, scope }: WherePlace): Sql {
  const [first] = group
  if (first === undefined) throw new Error('a semi-join has a condition')
  const { hop } = first
  const { entity, alias, inner } = enter(hop.entity, scope)
  const far: RowPath = { binding: `${row.binding}>${hop.field}`, root: entity.name, hops: [], entity: entity.name }
  const about: Predicate = { kind: 'all', of: group.map(({ part }) => moved(part, { from: row.binding, hop: hop.field, to: far })) }
  const there = sql`${alias}.${idColumn(entity)} = ${referenceSql({ ...row, hops: [hop], entity: entity.name }, inner)}${live(entity, alias)}`
  const holds = conditions(about, { row: far, scope: bindRow(inner, far.binding, alias) })
  return sql`exists (select 1 from ${ident(entity.table)} ${alias} where ${join([there, ...holds], ' and ', there)})`
}

/** Turns a predicate about a row into a predicate about the row that a reference leads to. That row gets its own name. */
function moved(p: Predicate, step: { readonly from: string; readonly hop: string; readonly to: RowPath }): Predicate {
  const parts: Parts = {
    predicate: (part) => mapPredicate(part, parts),
    term: (term) => mapTerm(term, parts),
    row: (row) => {
      if (row.binding !== step.from || row.hops[0]?.field !== step.hop) return row
      return { ...step.to, hops: row.hops.slice(1), entity: row.entity }
    },
  }
  return parts.predicate(p)
}

/** Like `conjuncts`; a test that hides a value becomes a separate condition. */
function hoistedConjuncts(p: Predicate): readonly Predicate[] {
  if (p.kind === 'all') return p.of.flatMap(hoistedConjuncts)
  if (isLeaf(p) && p.kind !== 'missing') {
    const { tests, leaf } = hoistLeaf(p)
    return [...tests.flatMap(hoistedConjuncts), leaf]
  }
  if (p.kind !== 'not' || !isLeaf(p.of)) return [p]
  if (p.of.kind === 'missing') {
    const { tests, term } = hoist(p.of.of)
    return [...tests.flatMap(hoistedConjuncts), { kind: 'not', of: { kind: 'missing', of: term } }]
  }
  const { tests, leaf } = hoistLeaf(p.of)
  return [...tests.flatMap(hoistedConjuncts), { kind: 'not', of: leaf }]
}

type Hops = ReadonlyMap<string, Hop>

const NONE: Hops = new Map()

/** References of the row that must lead to a row for the predicate to be true. */
function hopsOf(p: Predicate, place: WherePlace): Hops {
  switch (p.kind) {
    case 'compare':
      return union([hopsOfTerm(p.left, place), hopsOfTerm(p.right, place)])
    case 'member':
      return union([hopsOfTerm(p.of, place), hopsOfTerm(p.list, place)])
    case 'truth':
      return hopsOfTerm(p.of, place)
    case 'text':
      return union([hopsOfTerm(p.of, place), hopsOfTerm(p.with, place)])
    case 'not':
      if (p.of.kind === 'missing') return hopsOfTerm(p.of.of, place)
      return isLeaf(p.of) ? hopsOf(p.of, place) : NONE
    case 'all':
      return union(p.of.map((part) => hopsOf(part, place)))
    case 'any':
      return shared(p.of.map((part) => hopsOf(part, place)))
    case 'const':
    case 'missing':
    case 'choose':
    case 'some':
    case 'every':
    case 'someItem':
    case 'everyItem':
    case 'holds':
    case 'can':
      return NONE
    default:
      return unreachable(p)
  }
}

/** References of the row that must lead to a row for the term to have a value. */
function hopsOfTerm(term: Term, place: WherePlace): Hops {
  switch (term.kind) {
    case 'field': {
      const [hop] = term.row.hops
      if (hop === undefined || term.row.binding !== place.row.binding) return NONE
      // The id of the referenced row is the value of the reference, unless the row may be soft-deleted.
      const held = term.field === 'id' && term.row.hops.length === 1 && !entityNamed(place.scope.model, hop.entity).softDelete
      return held ? NONE : new Map([[hop.field, hop]])
    }
    case 'call':
      return union(term.args.map((arg) => hopsOfTerm(arg, place)))
    case 'if':
      return term.no.kind === 'null' ? union([hopsOf(term.test, place), hopsOfTerm(term.yes, place)]) : NONE
    case 'literal':
    case 'null':
    case 'param':
    case 'item':
    case 'auth':
    case 'input':
    case 'now':
    case 'list':
    case 'count':
    case 'aggregate':
    case 'aggregateItems':
    case 'derived':
    case 'predicate':
      return NONE
    default:
      return unreachable(term)
  }
}

function union(sets: readonly Hops[]): Hops {
  return new Map(sets.flatMap((set) => [...set]))
}

function shared(sets: readonly Hops[]): Hops {
  const [first = NONE, ...others] = sets
  return new Map([...first].filter(([field]) => others.every((set) => set.has(field))))
}
