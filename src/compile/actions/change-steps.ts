/** The steps `update` and `delete`, and the transition of a workflow, as statements. */

import { empty, ident, join, literal, type Sql, sql } from '../../base/sql/sql.ts'
import { ACTION_ROW, type ActionStep, type Assignment, type DeleteStep, STEP_ROW, type UpdateStep } from '../../model/action.ts'
import { type Predicate, scalarType, type Term } from '../../model/expression.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type Model } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import type { Transition } from '../../model/workflow.ts'
import { rowScope, type SqlScope, whenTrue } from '../rules/predicate-sql.ts'
import { bindRow, idColumn, live, termSql } from '../rules/term-sql.ts'
import { writeRulesOf } from '../rules/write-rules.ts'
import { elementsSql, rowsOf, termsOfElements, termsOfRows } from './elements.ts'
import { type ActionScope, frameOf, keep, keepTotal, placeNamed, seenId } from './frame.ts'
import { inputOfRules, whenNotAlways, writeConditions } from './given-fields.ts'
import type { Stops } from './parts/stops.ts'
import { keepChanged, treeFields } from './parts/trees.ts'
import { changesOf, type FieldChange, presetsOf } from './values.ts'

const T = sql`t`

/** What an `update` or a `delete` reads: the rows under the alias `t`, each with the element of `each` that leads to it. */
export interface Hit {
  readonly from: Sql
  readonly scope: SqlScope
  readonly where: Sql
  readonly place: Sql
}

/** The rows that an `update` or a `delete` changes. `terms` are further expressions of the statement. */
export function hitOf(shared: ActionScope, step: UpdateStep | DeleteStep, terms: readonly (Term | Predicate)[]): Hit {
  const { model } = shared
  const { target, each, when, where } = step
  const entity = entityNamed(model, step.entity)
  const aim = target.kind === 'row' ? [seenId(shared, target.row)] : termsOfRows(shared, target.rows)
  const over = each === null ? [] : termsOfElements(shared, each.over)
  const own = new Map([[STEP_ROW, T], ...(each === null ? [] : [[each.name, sql`"#element"`] as const])])
  const frame = frameOf(shared, [...terms, ...aim, ...over, when, where], own)
  const elements = each === null ? null : elementsSql(shared, each, frame)
  const scope = bindRow(elements?.scope ?? frame.scope, STEP_ROW, T)
  const before = sql`${frame.from}${elements?.joined ?? empty}`
  const isHeld = shared.held === undefined ? [] : [sql`t.${idColumn(entity)} in (select unnest(${shared.held}))`]
  const holds = join([...isHeld, ...(when === null ? [] : [whenTrue(when, scope)]), whenTrue(where, scope)], ' and ', sql`true`)
  const place = elements?.place ?? sql`1`
  if (target.kind === 'row') {
    const [id] = aim
    if (id === undefined) throw new Error('a row has an id')
    const isRow = sql`t.${idColumn(entity)} = ${termSql(id, elements?.scope ?? frame.scope)}`
    const readable = shared.action.as === 'caller' ? sql` and ${whenTrue(entity.access.read, bindRow(scope, 'row', T))}` : empty
    const row = sql`${before} join ${ident(entity.table)} t on ${isRow}${live(entity, T)}`
    return { from: row, scope, where: sql`${holds}${readable}`, place }
  }
  const rows = rowsOf(shared, target.rows, { alias: T, scope })
  return { from: sql`${before} cross join lateral (select t.* ${rows.from}) t`, scope, where: holds, place }
}

/** The rows that an `update` changes. */
export interface ChangedRows {
  /** The queries `found` and `hit`; `hit` has the ids of the rows. */
  readonly ctes: Sql
  readonly scope: SqlScope
  readonly changes: readonly FieldChange[]
  /** The new value of each change, over the row `t` and `h`, which is the row of `hit` with the same id. */
  readonly changed: readonly Sql[]
}

/** The rows that an `update` changes, each once, with the new values of its fields. */
export function changedRows(shared: ActionScope, step: UpdateStep): ChangedRows {
  const entity = entityNamed(shared.model, step.entity)
  const hit = hitOf(
    shared,
    step,
    step.set.map(({ value }) => value),
  )
  const changes = changesOf(entity, { set: step.set, scope: hit.scope, bare: STEP_ROW })
  const columns = changes.map(({ value }, i) => sql`${value} as ${ident(`v${i}`)}`)
  const found = sql`select t.${idColumn(entity)} as id, ${hit.place} as place${columns.length === 0 ? empty : sql`, ${list(columns)}`} from ${hit.from} where ${hit.where}`
  const one = changes.map(({ field, adds }, i) => {
    const name = ident(`v${i}`)
    // With a missing amount, the sum is missing.
    if (adds) return sql`case when count(${name}) = count(*) then sum(${name}) end as ${name}`
    if (field.type.kind !== 'list') return sql`(array_agg(${name} order by place desc))[1] as ${name}`
    // An array of arrays has no arrays as elements.
    return sql`(select l.${name} from found l where l.id = f.id order by l.place desc limit 1) as ${name}`
  })
  const grouped =
    step.each === null
      ? sql`select * from found`
      : sql`select f.id${columns.length === 0 ? empty : sql`, ${list(one)}`} from found f group by f.id`
  const ctes = sql`with found as materialized (${found}), hit as materialized (${grouped})`
  const value = ({ field, adds }: FieldChange, i: number): Sql => {
    const given = sql`h.${ident(`v${i}`)}`
    return adds ? sql`(t.${ident(field.column)} + ${given})` : given
  }
  return { ctes, scope: hit.scope, changes, changed: changes.map(value) }
}

/** The statement of an `update`: a row with the id of each changed row. */
export function updateSql(shared: ActionScope, step: UpdateStep, stops: Stops): Sql {
  const entity = entityNamed(shared.model, step.entity)
  const { ctes, scope, changes, changed } = changedRows(shared, step)
  // Several elements may add to one row, so the server's values are made of the sum.
  const presets = presetsOf(entity, changes, {
    scope,
    old: ({ column }) => sql`t.${ident(column)}`,
    changed: (change) => changed[changes.indexOf(change)] ?? empty,
  })
  const values = new Map([
    ...changes.map(({ field }, i): [string, Sql] => [field.column, changed[i] ?? empty]),
    ...presets.map(({ field, value: preset }): [string, Sql] => [field.column, preset]),
  ])
  const set = list([
    ...[...values].map(([column, given]) => sql`${ident(column)} = ${given}`),
    ...entity.fields.flatMap(({ system, column }) =>
      system === 'updatedAt'
        ? [sql`${ident(column)} = now()`]
        : system === 'version'
          ? [sql`${ident(column)} = t.${ident(column)} + 1`]
          : [],
    ),
  ])
  const table = ident(entity.table)
  const write = sql`update ${table} t set ${set} from hit h where t.${idColumn(entity)} = h.id`
  const id = sql`t.${idColumn(entity)}::text as id`
  const named = namedRows(shared, step)
  const isJudged = shared.action.as === 'caller' && step.moves !== true
  if (!isJudged && named === null) return sql`${ctes} ${write} returning ${id}`
  if (!isJudged) {
    const done = sql`done as (${write} returning ${id})`
    return sql`${ctes}, ${done} select d.id, ${named ?? sql`null`} from (select 1) one left join done d on true`
  }
  const judged = judgedRows(shared, { entity, values, set: step.set })
  const stop = stops.at({ kind: 'forbidden', operation: 'update', entity: entity.name })
  return sql`${ctes}, ${judgedWrite({ judged, write, id, stop, named: named ?? sql`null` })}`
}

/**
 * Expressions that keep the ids of the rows in `hit`: under the name of the step, and for the check of acyclic references; null when the
 * step needs neither.
 */
function namedRows({ model, places }: ActionScope, { as, each, target, set, entity }: UpdateStep): Sql | null {
  const ids = sql`select array_agg(h.id order by h.id) from hit h`
  const trees = treeFields(entityNamed(model, entity), set).length === 0 ? [] : [keepChanged(ids)]
  const isNamed = as !== null && (target.kind === 'rows' || each !== null)
  const place = isNamed ? placeNamed(places, as) : null
  const named = place === null ? [] : [keep(place, sql`(${ids})`), keepTotal(place, sql`select count(*) from hit h`)]
  return trees.length + named.length === 0 ? null : list([...trees, ...named])
}

type Writing = Readonly<Record<'judged' | 'write' | 'id' | 'stop', Sql>> & { readonly named?: Sql }

/** The write, if the rules allow it for all rows; otherwise it writes nothing and stops the action. `named` are further columns. */
function judgedWrite({ judged, write, id, stop, named = sql`null` }: Writing): Sql {
  const refused = sql`exists (select 1 from judged where ok is not true)`
  const done = sql`done as (${write} and not ${refused} returning ${id})`
  return sql`judged as materialized (${judged}), ${done} select d.id, case when ${refused} then ${stop} end, ${named} from (select 1) one left join done d on true`
}

/** The changes of rows that the rules of the caller judge. */
export interface Judging {
  readonly entity: Entity
  /** The new values by column. */
  readonly values: ReadonlyMap<string, Sql>
  /** What the step gives to fields. */
  readonly set: readonly Assignment[]
}

/** Whether the caller may update each row of `hit`. */
export function judgedRows(shared: ActionScope, judging: Judging): Sql {
  const { entity } = judging
  const { after, ok } = judgedChange(shared, judging)
  return sql`select h.id, ${ok} as ok from hit h join ${ident(entity.table)} t on t.${idColumn(entity)} = h.id cross join lateral (${after}) n`
}

/** Whether the caller may update the row `t`, as one expression. */
export function mayChange(shared: ActionScope, judging: Judging): Sql {
  const { after, ok } = judgedChange(shared, judging)
  return sql`(select ${ok} from (${after}) n)`
}

/** The row `n` after the update of the row `t`, and whether the caller may update it. The rules are judged on both rows. */
function judgedChange({ model }: ActionScope, { entity, values, set }: Judging): Readonly<Record<'after' | 'ok', Sql>> {
  const { updateFrom, updateTo } = writeRulesOf(entity)
  const stored = entity.fields.filter((field) => field.type.kind !== 'computed')
  const changed = list(stored.map(({ column }) => sql`${values.get(column) ?? sql`t.${ident(column)}`} as ${ident(column)}`))
  const computed = entity.fields.flatMap((field) =>
    field.type.kind === 'computed' ? [sql`${termSql(field.type.term, rowScope(model, sql`b`))} as ${ident(field.column)}`] : [],
  )
  const after = computed.length === 0 ? sql`select ${changed}` : sql`select b.*, ${list(computed)} from (select ${changed}) b`
  const input = inputOfRules(set, entity, sql`n`)
  const rules = (alias: Sql, rule: Predicate): Sql => {
    const condition = (one: Predicate): Sql => sql`(${whenTrue(one, { ...rowScope(model, alias), input })}) is true`
    return join([...whenNotAlways(rule, condition), ...writeConditions(set, entity, condition)], ' and ', sql`true`)
  }
  return { after, ok: sql`${rules(T, updateFrom)} and ${rules(sql`n`, updateTo)}` }
}

/** The statement of a `delete`: a row with the id of each deleted row. */
export function deleteSql(shared: ActionScope, step: DeleteStep, stops: Stops): Sql {
  const { model } = shared
  const entity = entityNamed(model, step.entity)
  const hit = hitOf(shared, step, [])
  const found = sql`select distinct t.${idColumn(entity)} as id from ${hit.from} where ${hit.where}`
  const ctes = sql`with hit as materialized (${found})`
  const table = ident(entity.table)
  const old = ({ column }: Field): Sql => sql`t.${ident(column)}`
  const presets = entity.softDelete ? presetsOf(entity, [], { scope: hit.scope, old, changed: () => empty }) : []
  const marks = [
    ...presets.map(({ field, value }) => sql`${ident(field.column)} = ${value}`),
    sql`"deleted_at" = now(), "updated_at" = now(), "version" = t."version" + 1`,
  ]
  const write = entity.softDelete
    ? sql`update ${table} t set ${list(marks)} from hit h where t.${idColumn(entity)} = h.id`
    : sql`delete from ${table} t using hit h where t.${idColumn(entity)} = h.id`
  const id = sql`t.${idColumn(entity)}::text as id`
  if (shared.action.as === 'system') return sql`${ctes} ${write} returning ${id}`
  const allowed = whenTrue(writeRulesOf(entity).delete, rowScope(model, T))
  const judged = sql`select h.id, (${allowed}) is true as ok from hit h join ${table} t on t.${idColumn(entity)} = h.id`
  const stop = stops.at({ kind: 'forbidden', operation: 'delete', entity: entity.name })
  return sql`${ctes}, ${judgedWrite({ judged, write, id, stop })}`
}

/** Whether a step deletes one row from its table. The names of this row keep its last values. */
export function deletesOneRow(model: Model, step: ActionStep): boolean {
  return step.verb === 'delete' && step.target.kind === 'row' && step.each === null && !entityNamed(model, step.entity).softDelete
}

/** The statement that keeps, in a setting, the values of the row that a step is about to delete, as JSON; an empty text for no row. */
export function keepLastValues(shared: ActionScope, step: DeleteStep, setting: string): Sql {
  const { from, where } = hitOf(shared, step, [])
  return sql`select set_config(${literal(setting)}, coalesce((select to_jsonb(t)::text from ${from} where ${where}), ''), true)`
}

/** The statements that check a transition: they stop the action unless its row may move. The row is already locked. */
export function checkTransition(shared: ActionScope, move: Transition, stops: Stops): readonly Sql[] {
  const { action, places } = shared
  const { entity, key } = placeNamed(places, 'row')
  const field = fieldNamed(entity, move.field)
  const column = ident(field.column)
  // The failure names the state only if every caller may read it.
  const state = isAlways(field.read) ? sql`t.${column}` : sql`''`
  const illegal = stops.at({ kind: 'illegal', entity: entity.name, transition: action.name }, state)
  const isFrom = sql`t.${column} in (${list(move.from.map((state) => literal(state)))})`
  const check = sql`select case when (${isFrom}) is not true then ${illegal} end from ${ident(entity.table)} t where t.${idColumn(entity)} = ${key}`
  if (move.guard === null) return [check]
  const frame = frameOf(shared, [move.guard])
  const refused = stops.at({ kind: 'requirement', source: move.guardSource ?? '' })
  return [check, sql`select case when (${whenTrue(move.guard, frame.scope)}) is not true then ${refused} end from ${frame.from}`]
}

/** What a transition writes. */
export function movedState(move: Transition): Assignment {
  return { field: move.field, value: { kind: 'literal', type: scalarType('text'), value: move.to }, ifSent: null }
}

/** The statement of a transition that is checked: it changes the state of the action's row. */
export function transitionSql({ model, places }: ActionScope, move: Transition): Sql {
  const { entity, key } = placeNamed(places, 'row')
  const scope = rowScope(model, T)
  const changes = changesOf(entity, { set: [movedState(move)], scope, bare: ACTION_ROW })
  const presets = presetsOf(entity, changes, { scope, old: (one) => sql`t.${ident(one.column)}`, changed: ({ value }) => value })
  const set = list([
    ...[...changes, ...presets].map((change) => sql`${ident(change.field.column)} = ${change.value}`),
    sql`"updated_at" = now(), "version" = t."version" + 1`,
  ])
  return sql`update ${ident(entity.table)} t set ${set} where t.${idColumn(entity)} = ${key} returning t.${idColumn(entity)}::text as id`
}

function list(pieces: readonly Sql[]): Sql {
  return join(pieces, ', ', empty)
}
