/** The steps `create` and `ensure` as statements. */

import { empty, ident, join, numberLiteral, type Sql, sql } from '../../base/sql/sql.ts'
import { type CreateStep, type EnsureStep, STEP_ROW } from '../../model/action.ts'
import { tokensIn } from '../../model/action-tree.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type Model } from '../../model/model.ts'
import { rowScope, type SqlScope, whenTrue } from '../rules/predicate-sql.ts'
import { bindRow, idColumn, live, termSql } from '../rules/term-sql.ts'
import { writeRulesOf } from '../rules/write-rules.ts'
import { keepingLeft, movedBy } from '../statements/checks/checked.ts'
import { fitsSql } from '../statements/row-bytes.ts'
import { countedRows } from '../statements/sequences.ts'
import { judgedRows, mayChange } from './change-steps.ts'
import { elementsSql, MAX_ELEMENTS, termsOfElements, tooManyElements } from './elements.ts'
import { type ActionScope, frameOf, keep, keepTotal, placeNamed } from './frame.ts'
import { inputOfRules, whenNotAlways, writeConditions } from './given-fields.ts'
import type { Stops } from './parts/stops.ts'
import { keepChanged, treeFields } from './parts/trees.ts'
import { type Constants, changesOf, type FieldChange, type NewRow, newValue, presetsOf } from './values.ts'

const ORD = ident('#ord')

/** What is collected while the statements of an action are made. */
export interface Collected {
  readonly stops: Stops
  readonly constants: Constants
}

/** What a step that makes rows reads: a row for each row that it makes. */
export interface NewRowsFrame {
  /** With the condition of the step. */
  readonly from: Sql
  readonly scope: SqlScope
  /** The number of the row, from 1. */
  readonly place: Sql
  /** The element of `each` as a text; null without one. */
  readonly element: Sql
}

/** The frame of the new rows of a step. */
export function newRowsFrame(shared: ActionScope, { each, when, set }: Pick<CreateStep, 'each' | 'when' | 'set'>): NewRowsFrame {
  const own = new Map(each === null ? [] : [[each.name, sql`"#element"`] as const])
  const over = each === null ? [] : termsOfElements(shared, each.over)
  const frame = frameOf(shared, [...set.map(({ value }) => value), when, ...over], own)
  const elements = each === null ? null : elementsSql(shared, each, frame)
  const scope = elements?.scope ?? frame.scope
  const applies = when === null ? empty : sql` where ${whenTrue(when, scope)}`
  const from = sql`${frame.from}${elements?.joined ?? empty}${applies}`
  return { from, scope, place: elements?.place ?? sql`1`, element: elements?.text ?? sql`null` }
}

/** The queries `new`, the rows as a step would make them, and `verdict`, whether the rules allow each. */
export function judgedNew(shared: ActionScope, step: CreateStep | EnsureStep, constants: Constants): Sql {
  const entity = entityNamed(shared.model, step.entity)
  const { from, scope, place } = newRowsFrame(shared, step)
  const tokens = step.verb === 'create' ? tokensIn(shared.action.answer).filter((token) => token.step === step.as) : []
  const row: NewRow = { entity, set: step.set, scope, constants, place, tokens }
  const values = storedOf(entity).map((field) => sql`${newValue(row, field)} as ${ident(field.column)}`)
  const drafts = sql`select ${place} as ${ORD}, ${list(values)} from ${from}`
  const verdict = sql`select n.${ORD}, ${acceptable(shared, entity, step)} as ok from new n`
  return sql`${newRows(shared, entity, drafts)}, verdict as materialized (${verdict})`
}

/** The fields of a new row. */
function storedOf({ fields }: Entity): readonly Field[] {
  return fields.filter((field) => field.type.kind !== 'computed' && field.system !== 'deletedAt')
}

/** The statement of a `create` or an `ensure`: makes a row for each element, and keeps the ids. */
export function createSql(shared: ActionScope, step: CreateStep | EnsureStep, { stops, constants }: Collected): Sql {
  const { model, places } = shared
  const entity = entityNamed(model, step.entity)
  const stored = storedOf(entity)
  const { each } = step
  const ok = sql`(select v.ok from verdict v where v.${ORD} = n.${ORD})`
  const counted = countedRows(entity, { ord: ORD, ok })
  const written = list(stored.map((f) => counted.find(({ field }) => field === f)?.number ?? sql`n.${ident(f.column)}`))
  const joined = join(
    counted.map((one) => one.joined),
    '',
    empty,
  )
  const counters = join(
    counted.map((one) => one.cte),
    '',
    empty,
  )
  const columns = list(stored.map((field) => ident(field.column)))
  const rows = sql`select ${written} from new n${joined} where ${ok} order by n.${ORD}`
  const conflict = step.verb === 'ensure' ? onConflict(shared, step, entity) : empty
  const done = sql`insert into ${ident(entity.table)} as t (${columns}) ${rows}${conflict} returning t.${idColumn(entity)} as id`
  const forbidden = stops.at({ kind: 'forbidden', operation: 'create', entity: entity.name })
  const tooMany = stops.at(tooManyElements(each))
  const checks = [
    sql`case when exists (select 1 from verdict v where v.ok is not true) then ${forbidden} end`,
    ...(each === null ? [] : [sql`case when (select count(*) from new) > ${numberLiteral(MAX_ELEMENTS)} then ${tooMany} end`]),
  ]
  const named = step.as === null ? null : placeNamed(places, step.as)
  const total = named === null || each === null ? [] : [keepTotal(named, sql`select count(*) from new`)]
  const kept = named === null ? [] : [keep(named, idsOf(step, entity)), ...total]
  const there =
    step.verb === 'ensure' && step.onlyNew !== true && shared.action.as === 'caller' ? judgedExisting(shared, step, entity) : null
  const isRefused = stops.at({ kind: 'forbidden', operation: 'update', entity: entity.name })
  const isWhole = sql`(select count(*) from done) = (select count(*) from new)`
  const judged =
    there === null ? [] : [sql`case when exists (select 1 from judged where ok is not true) or not (${isWhole}) then ${isRefused} end`]
  const ctes = sql`with ${judgedNew(shared, step, constants)}${counters}${there ?? empty}, done as (${done})`
  const changesTree = step.verb === 'ensure' && treeFields(entity, step.existing).length > 0
  const changed = changesTree ? [keepChanged(sql`select array_agg(d.id) from done d`)] : []
  return sql`${ctes} select ${list([...kept, ...changed, ...checks, ...judged])}`
}

/**
 * The ids of the rows of a step. A `create` has them before the insert. An `ensure` takes them from the insert, because a row may already
 * exist.
 */
function idsOf(step: CreateStep | EnsureStep, entity: Entity): Sql {
  const many = step.each !== null
  if (step.verb === 'ensure') return many ? sql`(select array_agg(d.id) from done d)` : sql`(select d.id from done d)`
  const id = sql`n.${idColumn(entity)}`
  return many ? sql`(select array_agg(${id} order by n.${ORD}) from new n)` : sql`(select ${id} from new n)`
}

/** Whether the row `n` may be made: it is not too large, and the rules allow it. The rules do not apply to an action as system. */
function acceptable({ model, action }: ActionScope, entity: Entity, step: CreateStep | EnsureStep): Sql {
  const fits = fitsSql(entity, 'n', null) ?? sql`true`
  if (action.as === 'system') return fits
  const scope = { ...rowScope(model, sql`n`), input: inputOfRules(step.set, entity, sql`n`) }
  const conditions = [
    ...whenNotAlways(writeRulesOf(entity).create, (rule) => sql`(${whenTrue(rule, scope)}) is true`),
    ...writeConditions(step.set, entity, (rule) => sql`(${whenTrue(rule, scope)}) is true`),
  ]
  return join([fits, ...conditions], ' and ', fits)
}

/**
 * The values of the columns of an existing row `t` that an `ensure` changes, by column. `ord` is the number of the element of `each` that
 * leads to the row.
 */
function existingValues(shared: ActionScope, { existing, each }: EnsureStep, entity: Entity, ord: Sql): ReadonlyMap<string, Sql> {
  if (existing.length === 0) return new Map()
  const own = new Map([[STEP_ROW, sql`t`], ...(each === null ? [] : [[each.name, sql`"#element"`] as const])])
  const over = each === null ? [] : termsOfElements(shared, each.over)
  const frame = frameOf(shared, [...existing.map(({ value }) => value), ...over], own)
  const elements = each === null ? null : elementsSql(shared, each, frame)
  const scope = bindRow(elements?.scope ?? frame.scope, STEP_ROW, sql`t`)
  const from = elements === null ? frame.from : sql`${frame.from}${elements.joined} where ${elements.place} = ${ord}`
  const changes = changesOf(entity, { set: existing, scope, bare: STEP_ROW })
  const changed = ({ field, value, adds }: FieldChange): Sql => {
    const inFrame = sql`(select ${value} from ${from})`
    return adds ? sql`(t.${ident(field.column)} + ${inFrame})` : inFrame
  }
  const presets = presetsOf(entity, changes, { scope, old: ({ column }) => sql`t.${ident(column)}`, changed })
  return new Map([
    ...changes.map((change) => [change.field.column, changed(change)] as const),
    ...presets.map(({ field, value }) => [field.column, value] as const),
  ])
}

/** The same values, which also keep what the row belonged to, where a check over relations needs it. */
function keepingParents(model: Model, { entity, existing }: EnsureStep, values: ReadonlyMap<string, Sql>): ReadonlyMap<string, Sql> {
  if (existing.length === 0) return values
  const child = entityNamed(model, entity)
  const kept = movedBy(
    model,
    child,
    existing.map(({ field }) => field),
  ).flatMap(({ via }) => {
    const value = values.get(via.column)
    return value === undefined ? [] : [[via.column, keepingLeft(model, child, { via, value })] as const]
  })
  return new Map([...values, ...kept])
}

/** Whether two rows have the same values of the constraint of an `ensure`. */
export function sameUnique({ unique }: EnsureStep, entity: Entity, [a, b]: readonly [Sql, Sql]): Sql {
  const equal = unique.map((name) => {
    const column = ident(fieldNamed(entity, name).column)
    return sql`${a}.${column} = ${b}.${column}`
  })
  return join(equal, ' and ', empty)
}

/** The number of the element whose row is in conflict. */
function ordOfConflict(step: EnsureStep, entity: Entity): Sql {
  return sql`(select n.${ORD} from new n where ${sameUnique(step, entity, [sql`n`, sql`excluded`])})`
}

/**
 * The `on conflict` of an `ensure`: changes the existing row as `existing` says, or leaves it unchanged. PostgreSQL locks the row before it
 * judges the condition. So the condition also holds for a row that another request has made meanwhile, which `judged` does not see.
 */
function onConflict(shared: ActionScope, step: EnsureStep, entity: Entity): Sql {
  const { unique, onlyNew, existing } = step
  const columns = unique.map((name) => ident(fieldNamed(entity, name).column))
  // The unique index of an entity with soft deletion has only the rows that exist.
  const live = entity.softDelete ? sql` where "deleted_at" is null` : empty
  const conflict = sql` on conflict (${list(columns)})${live}`
  if (onlyNew === true) return sql`${conflict} do nothing`
  const values = existingValues(shared, step, entity, ordOfConflict(step, entity))
  const [first = empty] = columns
  // An update without effect returns the id of the existing row; `do nothing` returns no row.
  const assigned = [...keepingParents(shared.model, step, values)].map(([column, value]) => sql`${ident(column)} = ${value}`)
  const set = values.size === 0 ? [sql`${first} = t.${first}`] : [...assigned, ...kept(entity.fields)]
  const update = sql`${conflict} do update set ${list(set)}`
  if (shared.action.as === 'system') return update
  const changes = existing.length === 0 ? empty : sql` and ${mayChange(shared, { entity, values, set: existing })}`
  return sql`${update} where (${whenTrue(entity.access.read, rowScope(shared.model, sql`t`))}) is true${changes}`
}

/** `judged`: whether the caller may read each row that an `ensure` finds, and may change it as `existing` says. */
function judgedExisting(shared: ActionScope, step: EnsureStep, entity: Entity): Sql {
  const table = ident(entity.table)
  const isRow = sql`${sameUnique(step, entity, [sql`t`, sql`n`])}${live(entity, sql`t`)}`
  const hit = sql`select t.${idColumn(entity)} as id, n.${ORD} from new n join ${table} t on ${isRow}`
  const values = existingValues(shared, step, entity, sql`h.${ORD}`)
  const changes = judgedRows(shared, { entity, values, set: step.existing })
  const readable = sql`(${whenTrue(entity.access.read, rowScope(shared.model, sql`t`))}) is true`
  const reads = sql`select h.id, ${readable} as ok from hit h join ${table} t on t.${idColumn(entity)} = h.id`
  const judged = step.existing.length === 0 ? reads : sql`${reads} union all ${changes}`
  return sql`, hit as materialized (${hit}), judged as materialized (${judged})`
}

/** Assignments for the columns that the server sets at every change: `updatedAt` and `version`. */
function kept(fields: readonly Field[]): readonly Sql[] {
  return fields.flatMap(({ system, column }) => {
    if (system === 'updatedAt') return [sql`${ident(column)} = now()`]
    return system === 'version' ? [sql`${ident(column)} = t.${ident(column)} + 1`] : []
  })
}

/** `new`: the rows as they will be, with their computed fields, because rules may use them. */
function newRows({ model }: ActionScope, entity: Entity, stored: Sql): Sql {
  const computed = entity.fields.flatMap((field) =>
    field.type.kind === 'computed' ? [sql`${termSql(field.type.term, rowScope(model, sql`b`))} as ${ident(field.column)}`] : [],
  )
  if (computed.length === 0) return sql`new as materialized (${stored})`
  return sql`base as materialized (${stored}), new as materialized (select b.*, ${list(computed)} from base b)`
}

function list(pieces: readonly Sql[]): Sql {
  return join(pieces, ', ', sql`null`)
}
