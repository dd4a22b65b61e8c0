/** The steps `find`, `list` and `require` as statements. */

import { empty, join, numberLiteral, type Sql, sql } from '../../base/sql/sql.ts'
import { type FindStep, type ListStep, type RequireStep, STEP_ROW } from '../../model/action.ts'
import type { RowPath, Term } from '../../model/expression.ts'
import { entityNamed, fieldNamed, storedScalar } from '../../model/model.ts'
import { SCALARS } from '../../model/scalar.ts'
import { maskValue } from '../rules/mask.ts'
import { type SqlScope, whenTrue } from '../rules/predicate-sql.ts'
import { bindRow, idColumn, termSql } from '../rules/term-sql.ts'
import { elementsSql, MAX_ELEMENTS, rowsOf, termsOfElements, termsOfRows, tooManyRows } from './elements.ts'
import { type ActionScope, frameOf, keep, keepTotal, type NamedPlace, placeNamed } from './frame.ts'
import { LOCKS } from './lock-statements.ts'
import type { RowLock } from './locks/locks.ts'
import type { Stop, Stops } from './parts/stops.ts'

const T = sql`t`

/** The statement of a `find`: keeps the id of the first row. If there is no row, it stops the action, unless the step is optional. */
export function findSql(
  shared: ActionScope,
  step: FindStep,
  { stops, lock }: { readonly stops: Stops; readonly lock: RowLock | null },
): Sql {
  const entity = entityNamed(shared.model, step.entity)
  const frame = frameOf(shared, [...termsOfRows(shared, step.from), step.where, step.when], new Map([[STEP_ROW, T]]))
  const locking = lock === null ? empty : sql` for ${LOCKS[lock]} of t`
  const first = sql`${firstRow(shared, step, { scope: frame.scope, columns: sql`t.${idColumn(entity)} as id` })}${locking}`
  const skipped = step.when === null ? sql`false` : sql`(${whenTrue(step.when, frame.scope)}) is not true`
  const row = sql`select ${skipped} as skipped, f.id from ${frame.from} left join lateral (${first}) f on ${step.when === null ? sql`true` : whenTrue(step.when, frame.scope)}`
  const kept = step.as === null ? sql`null` : keep(placeNamed(shared.places, step.as), sql`r.id`)
  if (step.optional) return sql`select ${kept} from (${row}) r`
  const stop = stops.at(noneOf(step))
  return sql`select ${kept}, case when r.id is null and not r.skipped then ${stop} end from (${row}) r`
}

/** The rows of a `find` or `list` as the table `t`, their order, and the scope of expressions about one of them. */
function rowsOfStep(shared: ActionScope, { from, where }: FindStep | ListStep, outer: SqlScope) {
  const scope = bindRow(outer, STEP_ROW, T)
  return { scope, ...rowsOf(shared, from, { alias: T, scope, where }) }
}

/** The query of the first row of a `find`, with columns of the table `t`. */
export function firstRow(
  shared: ActionScope,
  step: FindStep,
  { scope: outer, columns }: { readonly scope: SqlScope; readonly columns: Sql },
): Sql {
  const { scope, from, order } = rowsOfStep(shared, step, outer)
  return sql`select ${columns} ${from} order by ${orderSql(shared, step, { order, scope })} limit 1`
}

/** The statement that judges the row of a `find` again, under its locks. If its condition no longer holds, there is no row. */
export function stillFoundSql(shared: ActionScope, step: FindStep, stops: Stops): Sql {
  const place = placeNamed(shared.places, step.as ?? '')
  const frame = frameOf(shared, [...termsOfRows(shared, step.from), step.where], new Map([[STEP_ROW, T]]))
  const { from } = rowsOfStep(shared, step, frame.scope)
  const still = sql`exists (select 1 ${from} and t.${idColumn(place.entity)} = ${place.key})`
  if (step.optional) return sql`select ${keep(place, sql`case when ${still} then ${place.key} end`)} from ${frame.from}`
  const stop = stops.at(noneOf(step))
  return sql`select case when ${place.key} is not null and not ${still} then ${stop} end from ${frame.from}`
}

/** The statement that judges the rows of a `list` again, under its locks. Rows for which its condition no longer holds leave the list. */
export function stillListedSql(shared: ActionScope, step: ListStep): Sql {
  const place = placeNamed(shared.places, step.as ?? '')
  const frame = frameOf(shared, [...termsOfRows(shared, step.from), step.where], new Map([[STEP_ROW, T]]))
  const { from } = rowsOfStep(shared, step, frame.scope)
  const still = sql`exists (select 1 ${from} and t.${idColumn(place.entity)} = n.id)`
  const ids = sql`select array_agg(n.id order by n.place) from unnest(${place.key}) with ordinality n(id, place) where ${still}`
  return sql`select ${keep(place, sql`coalesce((${ids}), '{}')`)} from ${frame.from}`
}

function noneOf(step: FindStep): Stop {
  return step.else === null ? { kind: 'none', entity: step.entity } : { kind: 'declared', failure: step.else }
}

/**
 * The statement of a `list`: keeps the ids of the rows in their order. With `counts` it also keeps the number of rows without the limit.
 */
export function listSql(
  shared: ActionScope,
  step: ListStep,
  { stops, counts, lock }: { readonly stops: Stops; readonly counts: boolean; readonly lock: RowLock | null },
): Sql {
  const entity = entityNamed(shared.model, step.entity)
  const own = new Map([[STEP_ROW, T]])
  const frame = frameOf(shared, [...termsOfRows(shared, step.from), step.where, step.when, step.limit, step.offset], own)
  const locking = lock === null ? empty : sql` for ${LOCKS[lock]} of t`
  const { rows, all } = pageOfList(shared, step, { scope: frame.scope, locking })
  const skip = step.when === null ? sql`true` : whenTrue(step.when, frame.scope)
  const total = sql`, ${counts ? (step.when === null ? all : sql`case when ${skip} then ${all} end`) : sql`null::bigint`} as total`
  const found = sql`select l.ids, l.many${total} from ${frame.from} left join lateral (${rows}) l on ${skip}`
  const stop = stops.at(tooManyRows(entity.name))
  const kept = step.as === null ? [] : keptRows(placeNamed(shared.places, step.as), counts)
  const tooMany = sql`case when r.many > ${numberLiteral(MAX_ELEMENTS)} then ${stop} end`
  return sql`select ${join([...kept, tooMany], ', ', empty)} from (${found}) r`
}

/** The statement of a `list` with `distinct`: keeps the different values of the field, or the different items of a list. */
export function valuesSql(
  shared: ActionScope,
  step: ListStep,
  { stops, distinct }: { readonly stops: Stops; readonly distinct: Term },
): Sql {
  const used = [...termsOfRows(shared, step.from), step.where, step.when, step.limit, step.offset, distinct]
  const frame = frameOf(shared, used, new Map([[STEP_ROW, T]]))
  const skip = step.when === null ? sql`true` : whenTrue(step.when, frame.scope)
  const values = valuesOfList(shared, step, { scope: frame.scope, distinct })
  const found = sql`select l.items, l.many from ${frame.from} left join lateral (${values}) l on ${skip}`
  const stop = stops.at(tooManyRows(step.entity))
  const kept = step.as === null ? [] : [keep(placeNamed(shared.places, step.as), sql`coalesce(r.items, '{}')`)]
  const tooMany = sql`case when r.many > ${numberLiteral(MAX_ELEMENTS)} then ${stop} end`
  return sql`select ${join([...kept, tooMany], ', ', empty)} from (${found}) r`
}

/** The query of different values. It gives one row: the list of them, null for none, and how many there are. */
export function valuesOfList(
  shared: ActionScope,
  step: ListStep,
  { scope: outer, distinct }: { readonly scope: SqlScope; readonly distinct: Term },
): Sql {
  const { scope, from } = rowsOfStep(shared, step, outer)
  const { scalar, list } = distinct.type
  const own = termSql(distinct, scope)
  const all = list
    ? sql`select i.item from (select ${own} as list ${from}) o cross join unnest(o.list) i(item)`
    : sql`select ${own} as item ${from}`
  // Texts are in the order of code points, whatever the collation of the database.
  const by = SCALARS[scalar].column === 'text' ? sql`item collate "C"` : sql`item`
  const order = step.sort.some(({ descending }) => descending) ? sql`${by} desc` : by
  const different = sql`select distinct on (${by}) a.item from (${all}) a where a.item is not null`
  const limit = sql`greatest(least(${termSql(step.limit, outer)}, ${numberLiteral(MAX_ELEMENTS + 1)}), 0)`
  const offset = step.offset === null ? sql`0` : sql`greatest(${termSql(step.offset, outer)}, 0)`
  const page = sql`select d.item from (${different}) d order by ${order} limit ${limit} offset ${offset}`
  return sql`select array_agg(p.item order by ${order}) as items, count(*) as many from (${page}) p`
}

/** The queries of a `list`. */
export interface PageOfList {
  /** One row: the ids in their order, null for none, and how many there are, at most one more than the limit of elements. */
  readonly rows: Sql
  /** A scalar: the number of rows without the limit of the step. */
  readonly all: Sql
}

/** The queries of a `list`. `locking` ends the query of the rows. */
export function pageOfList(
  shared: ActionScope,
  step: ListStep,
  { scope: outer, locking }: { readonly scope: SqlScope; readonly locking: Sql },
): PageOfList {
  const entity = entityNamed(shared.model, step.entity)
  const { scope, from, order } = rowsOfStep(shared, step, outer)
  const limit = termSql(step.limit, outer)
  const offset = step.offset === null ? sql`0` : termSql(step.offset, outer)
  const by = orderSql(shared, step, { order, scope })
  const page = sql`select t.${idColumn(entity)} as id ${from} order by ${by} limit greatest(least(${limit}, ${numberLiteral(MAX_ELEMENTS + 1)}), 0) offset greatest(${offset}, 0)${locking}`
  const numbered = sql`select p.id, row_number() over () as place from (${page}) p`
  return {
    rows: sql`select array_agg(p.id order by p.place) as ids, count(*) as many from (${numbered}) p`,
    all: sql`(select count(*) ${from})`,
  }
}

function keptRows(place: NamedPlace, counts: boolean): readonly Sql[] {
  const ids = keep(place, sql`coalesce(r.ids, '{}')`)
  return counts ? [ids, keepTotal(place, sql`coalesce(r.total, 0)`)] : [ids]
}

/** The order of a step. For a caller, a hidden value counts as missing. */
function orderSql(
  { model, action }: ActionScope,
  { entity: name, sort }: FindStep | ListStep,
  { order, scope }: { readonly order: Sql; readonly scope: SqlScope },
): Sql {
  if (sort.length === 0) return order
  const entity = entityNamed(model, name)
  const row: RowPath = { binding: STEP_ROW, root: name, hops: [], entity: name }
  const keys = sort.map(({ field, descending }) => {
    const { type } = fieldNamed(entity, field)
    const value: Term = { kind: 'field', type: { scalar: storedScalar(type), list: false }, row, field }
    const key = termSql(action.as === 'caller' ? maskValue(value, model) : value, scope)
    return descending ? sql`${key} desc` : key
  })
  // The id orders rows with equal keys, so that every run finds the same rows.
  return join([...keys, sql`t.${idColumn(entity)}`], ', ', order)
}

/** The statement of a `require`: stops unless the condition is true, for every element of `each`. */
export function requireSql(shared: ActionScope, step: RequireStep, stops: Stops): Sql {
  const { condition, each, when } = step
  const stop = stops.at(step.else === null ? { kind: 'requirement', source: step.source } : { kind: 'declared', failure: step.else })
  const own = new Map(each === null ? [] : [[each.name, sql`"#element"`] as const])
  const over = each === null ? [] : termsOfElements(shared, each.over)
  const frame = frameOf(shared, [condition, when, ...over], own)
  const elements = each === null ? null : elementsSql(shared, each, frame)
  const scope = elements?.scope ?? frame.scope
  const applies = when === null ? sql`` : sql` where ${whenTrue(when, scope)}`
  const refused = sql`select 1 from ${frame.from}${elements?.joined ?? empty}${applies}`
  const fails = sql`(${whenTrue(condition, scope)}) is not true`
  return sql`select case when exists (${refused}${when === null ? sql` where ` : sql` and `}${fails}) then ${stop} end`
}
