/** The elements of `each`: rows of a relation, rows that a step has named, or the items of a list. */

import { empty, ident, join, numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Each, Elements, StepRows } from '../../model/action.ts'
import type { Predicate, Term } from '../../model/expression.ts'
import { ALWAYS } from '../../model/expression.ts'
import { type Entity, entityNamed, fieldNamed } from '../../model/model.ts'
import { whenTrue } from '../rules/predicate-sql.ts'
import { bindRow, idColumn, live, sqlType, termSql } from '../rules/term-sql.ts'
import { type ActionScope, aliasOf, type Frame, placeNamed, seenId } from './frame.ts'
import type { Stop } from './parts/stops.ts'

/** The maximum number of elements of `each`, and of rows of a `list`. */
export const MAX_ELEMENTS = 1_000

/** The stop of a step whose `each` has more elements than an action may have. */
export function tooManyElements(each: Each | null): Stop {
  return { kind: 'too-many', what: each === null ? 'elements' : elementsLabel(each.over), most: MAX_ELEMENTS }
}

/** The stop of a `list` with more rows of the entity than an action may have. */
export function tooManyRows(entity: string): Stop {
  return { kind: 'too-many', what: `rows of ${entity}`, most: MAX_ELEMENTS }
}

/** What `each` iterates over, for people who call the action: `rows of lines`. */
function elementsLabel(over: Elements): string {
  switch (over.kind) {
    case 'items':
      return 'items'
    case 'rows':
      if (over.rows.kind === 'entity') return `rows of ${over.rows.entity}`
      return `rows of ${over.rows.set.via === null ? over.rows.set.entity : over.rows.set.relation}`
    case 'one-item':
    case 'one-row':
      return 'elements'
    default:
      return unreachable(over)
  }
}

/** The elements as a part of a `from` clause, and a scope in which the name means the current element. */
export interface ElementsSql {
  /** ` cross join lateral (…) "@name"`; at most one element more than the limit, so that a statement can tell that there are too many. */
  readonly joined: Sql
  readonly scope: Frame['scope']
  /** The place of the element in its list, from 1. */
  readonly place: Sql
  /** The element as a text, from which a slot reads it again: an item, or a row as JSON. */
  readonly text: Sql
}

/** The expressions of what `each` iterates over, for the frame of the statement. */
export function termsOfElements(shared: ActionScope, over: Elements): readonly Term[] {
  switch (over.kind) {
    case 'items':
      return [over.of]
    case 'rows':
      return termsOfRows(shared, over.rows)
    case 'one-item':
    case 'one-row':
      return []
    default:
      return unreachable(over)
  }
}

/** The expressions of the rows of a step, for the frame of the statement. */
export function termsOfRows(shared: ActionScope, rows: StepRows): readonly Term[] {
  return rows.kind === 'set' && rows.set.via !== null ? [seenId(shared, rows.set.of)] : []
}

/** Adds the elements of `each` to a frame. */
export function elementsSql(shared: ActionScope, { name, over }: Each, { scope }: Pick<Frame, 'scope'>): ElementsSql {
  const alias = aliasOf(name)
  const place = sql`${alias}."#place"`
  switch (over.kind) {
    case 'items': {
      const items = sql`select i.item, i.place as "#place" from unnest(${termSql(over.of, scope)}) with ordinality i(item, place)`
      const inner = { ...scope, items: new Map([...scope.items, [name, sql`${alias}.item`]]) }
      return {
        joined: sql` cross join lateral (${items} limit ${MORE_THAN_ALL}) ${alias}`,
        scope: inner,
        place,
        text: sql`${alias}.item::text`,
      }
    }
    case 'rows': {
      const { from, order } = rowsOf(shared, over.rows, { alias: sql`t`, scope })
      const rows = sql`select t.*, row_number() over (order by ${order}) as "#place" ${from} order by ${order} limit ${MORE_THAN_ALL}`
      const seen = sql` cross join lateral (${rows}) ${alias}`
      return { joined: seen, scope: bindRow({ ...scope, depth: scope.depth + 1 }, name, alias), place, text: sql`to_jsonb(${alias})::text` }
    }
    case 'one-item': {
      const item = slot(over.key, sqlType(over.type))
      return { joined: empty, scope: { ...scope, items: new Map([...scope.items, [name, item]]) }, place: sql`1`, text: item }
    }
    case 'one-row': {
      const table = ident(entityNamed(shared.model, over.entity).table)
      const row = slot(over.key, 'jsonb')
      const joined = sql` cross join lateral jsonb_populate_record(null::${table}, ${row}) ${alias}`
      return { joined, scope: bindRow(scope, name, alias), place: sql`1`, text: row }
    }
    default:
      return unreachable(over)
  }
}

const MORE_THAN_ALL = numberLiteral(MAX_ELEMENTS + 1)

/** The SQL of rows under an alias: `from … where …`, and the order that they have unless the step gives another. */
export interface RowsSql {
  readonly entity: Entity
  readonly from: Sql
  readonly order: Sql
}

/** The rows of an entity, of a relation, or those that a step has named. Rows that the caller may not read are left out. */
export function rowsOf(
  shared: ActionScope,
  rows: StepRows,
  { alias, scope, where = ALWAYS }: { readonly alias: Sql; readonly scope: Frame['scope']; readonly where?: Predicate },
): RowsSql {
  const { model, action, places } = shared
  const name = rows.kind === 'entity' ? rows.entity : rows.set.entity
  const entity = entityNamed(model, name)
  const table = ident(entity.table)
  const via = rows.kind === 'set' && rows.set.via !== null ? fieldNamed(entity, rows.set.via) : null
  // Of a relation, the caller must be able to read the rows and their references.
  const rules = action.as === 'caller' ? [entity.access.read, ...(via === null ? [] : [via.read])] : []
  const readable = rules.map((rule) => whenTrue(rule, bindRow(scope, 'row', alias)))
  const conditions = join([whenTrue(where, scope), ...readable], ' and ', empty)
  const order = sql`${alias}.${idColumn(entity)}`
  if (rows.kind === 'entity') return { entity, order, from: sql`from ${table} ${alias} where ${conditions}${live(entity, alias)}` }
  const { set } = rows
  if (via !== null) {
    const isRelated = sql`${alias}.${ident(via.column)} = ${termSql(seenId(shared, set.of), scope)}`
    return { entity, order, from: sql`from ${table} ${alias} where ${isRelated} and ${conditions}${live(entity, alias)}` }
  }
  const { key } = placeNamed(places, set.of.binding)
  const named = sql`from unnest(${key}) with ordinality "#named"(id, place) join ${table} ${alias} on ${alias}.${idColumn(entity)} = "#named".id`
  return { entity, order: sql`"#named".place`, from: sql`${named} where ${conditions}${live(entity, alias)}` }
}
