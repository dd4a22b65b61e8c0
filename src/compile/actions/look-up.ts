/** The statements before the steps: find the rows of the input, ask `allow`, lock the rows, compare the version. */

import { empty, ident, join, type Sql, slot, sql } from '../../base/sql/sql.ts'
import { ACTION_ROW, type ActionInput, inputBinding, STEP_ROW } from '../../model/action.ts'
import type { Predicate } from '../../model/expression.ts'
import { type Entity, entityNamed, fieldNamed, isToken } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { rowScope, type SqlScope, whenTrue } from '../rules/predicate-sql.ts'
import { bindRow, idColumn, live } from '../rules/term-sql.ts'
import { type ActionScope, aliasOf, frameOf, inputSql, isSent, keep, type NamedPlace, placeNamed, rowSlot } from './frame.ts'
import { LOCKS, lockStatements } from './lock-statements.ts'
import { type Locked, type RowLock, strongestOf } from './locks/locks.ts'
import { usesOnly } from './locks/uses-only.ts'
import type { Stops } from './parts/stops.ts'

const T = sql`t`

/** An input that refers to a row. */
export type ReferenceInput = ActionInput & { readonly type: Extract<ActionInput['type'], { readonly kind: 'reference' }> }

/** The inputs that refer to rows. */
export function referencesOf(inputs: readonly ActionInput[]): readonly ReferenceInput[] {
  return inputs.filter((input): input is ReferenceInput => input.type.kind === 'reference')
}

/** The statements before the steps: they find the rows of the request, lock them, and judge them. */
export function entrySql(
  shared: ActionScope,
  stops: Stops,
  { trees, locks }: { readonly trees: readonly Sql[]; readonly locks: readonly Locked[] },
): readonly (Sql | null)[] {
  const locking = trees.length > 0 ? null : lockAtOnce(shared, locks)
  if (locking !== null) return [judgementSql(shared, stops, { locking })]
  const known = new Set([...shared.places.keys()].filter((name) => name === ACTION_ROW || name.startsWith('input.')))
  const held = lockStatements(shared, locks, known)
  const before = judgementSql(shared, stops, 'before locks')
  return [before, ...trees, ...held, held.length === 0 ? null : judgementSql(shared, stops, 'under locks')]
}

/**
 * The lock of the row of an action, if this is the only row to lock before the steps, and if the conditions use it and the request alone.
 * A statement that waits for a lock reads the newest version of the locked row, and all other rows as they were before. So it may judge the
 * locked row, and nothing else. Null for other actions.
 */
function lockAtOnce({ model, action }: ActionScope, locks: readonly Locked[]): RowLock | null {
  if (action.entity === null || referencesOf(action.inputs).length > 0) return null
  const reached = locks.filter(({ anchor }) => anchor === ACTION_ROW)
  const isRow = ({ rows }: Locked): boolean => rows.kind === 'row' && rows.row.hops.length === 0
  const onRow = usesOnly(new Set([ACTION_ROW]))
  const entity = entityNamed(model, action.entity)
  const rules = [action.allow, entity.access.read, ...rulesOfKey(entity, action.address.row?.by ?? 'id')]
  const fits = reached.every(isRow) && rules.every(onRow.predicate)
  return fits && reached.length > 0 ? strongestOf(reached.map(({ lock }) => lock)) : null
}

/**
 * When a request is judged: before the locks, or again under them, because another request may have changed the rows in between. An action
 * that locks only its own row may judge it once, while the statement locks it.
 */
export type Moment = 'before locks' | 'under locks' | { readonly locking: RowLock }

/**
 * Finds the rows of the input and keeps their ids, then judges the row of the action, the references, `allow` and `If-Match`. The first
 * refusal stops the action. Null when there is nothing to find or to refuse.
 */
export function judgementSql(shared: ActionScope, stops: Stops, moment: Moment): Sql | null {
  const { action, places } = shared
  const references = referencesOf(action.inputs)
  const row = places.get(ACTION_ROW)
  const rows = new Map(
    [...(row === undefined ? [] : [ACTION_ROW]), ...references.map(({ name }) => inputBinding(name))].map((name) => [name, aliasOf(name)]),
  )
  const frame = frameOf(shared, [], rows)
  const own = row === undefined ? empty : sql` left join ${foundRow(shared, row, moment)}`
  const found = references.map(
    (input) =>
      sql` left join lateral (${referencedRow(shared, input, { scope: frame.scope, moment })}) ${aliasOf(inputBinding(input.name))} on true`,
  )
  const cases = [
    ...(row === undefined ? [] : [rowCase(shared, row, { scope: frame.scope, stops })]),
    ...references.map((input) => referenceCase(shared, input, stops)),
    ...(isAlways(action.allow)
      ? []
      : [sql` when (${whenTrue(action.allow, frame.scope)}) is not true then ${stops.at({ kind: 'not-allowed' })}`]),
    ...(row === undefined || action.reads || moment === 'before locks' ? [] : [staleCase(row, stops)]),
  ]
  const kept = references.map(({ name }) => {
    const place = placeNamed(places, inputBinding(name))
    return keep(place, sql`${aliasOf(inputBinding(name))}.${idColumn(place.entity)}`)
  })
  const keptRow = row === undefined || row.setting === null ? [] : [keep(row, sql`${aliasOf(ACTION_ROW)}.${idColumn(row.entity)}`)]
  const columns = [...keptRow, ...kept, ...(cases.length === 0 ? [] : [sql`case${join(cases, '', empty)} end`])]
  return columns.length === 0 ? null : sql`select ${join(columns, ', ', empty)} from ${frame.from}${own}${join(found, '', empty)}`
}

/** The row of the action, by its id or by the value of a unique field, with the condition of the join. */
export function foundRow({ model, action }: ActionScope, { entity, key, setting }: NamedPlace, moment: Moment): Sql {
  const alias = aliasOf(ACTION_ROW)
  const lock = typeof moment === 'string' ? null : LOCKS[moment.locking]
  if (setting === null) {
    const byId = (row: Sql): Sql => sql`${row}.${idColumn(entity)} = ${key}`
    if (lock === null) return sql`${ident(entity.table)} ${alias} on ${byId(alias)}`
    return sql`lateral (select t.* from ${ident(entity.table)} t where ${byId(T)} for ${lock}) ${alias} on true`
  }
  // Under the locks, only the row that was found before counts, because it is the one that is locked.
  const same = moment === 'under locks' ? sql` and t.${idColumn(entity)} = ${key}` : empty
  const by = action.address.row?.by ?? 'id'
  const isRow = sql`t.${ident(fieldNamed(entity, by).column)} = ${rowSlot(entity, action.address)}${same}${live(entity, T)}`
  const rules = action.as === 'caller' ? rulesOfKey(entity, by) : []
  const seen = rules.map((rule) => sql` and ${whenTrue(rule, rowScope(model, T))}`)
  const locked = lock === null ? empty : sql` for ${lock}`
  return sql`lateral (select t.* from ${ident(entity.table)} t where ${isRow}${join(seen, '', empty)} limit 1${locked}) ${alias} on true`
}

/** The query of the row that an input refers to. The condition of a later reference may use the row of an earlier one. */
export function referencedRow(
  { places, action }: ActionScope,
  { name, type }: ReferenceInput,
  { scope, moment }: { readonly scope: SqlScope; readonly moment: Moment },
): Sql {
  const place = placeNamed(places, inputBinding(name))
  const { entity } = place
  const inner = bindRow(scope, STEP_ROW, T)
  const value = inputSql(action, name) ?? sql`null`
  const readable = action.as === 'caller' ? [entity.access.read, ...rulesOfKey(entity, type.by)] : []
  // Under the locks, only the row that was found before counts, because it is the one that is locked.
  const same = moment === 'under locks' ? [sql`t.${idColumn(entity)} = ${place.key}`] : []
  const conditions = [sql`t.${ident(fieldNamed(entity, type.by).column)} = ${value}`, ...same, whenTrue(type.where, inner)]
  const seen = readable.map((rule) => whenTrue(rule, bindRow(inner, 'row', T)))
  return sql`select t.* from ${ident(entity.table)} t where ${join([...conditions, ...seen], ' and ', empty)}${live(entity, T)} limit 1`
}

/**
 * The rules of the field whose value names a row. For an action as caller, a value that the caller may not read names no row, so that
 * nobody can find out hidden values by trying. A token is a secret that its holder sends.
 */
export function rulesOfKey(entity: Entity, by: string): readonly Predicate[] {
  const field = fieldNamed(entity, by)
  return isToken(field) || isAlways(field.read) ? [] : [field.read]
}

function rowCase(
  { action }: ActionScope,
  { entity }: NamedPlace,
  { scope, stops }: { readonly scope: SqlScope; readonly stops: Stops },
): Sql {
  const alias = aliasOf(ACTION_ROW)
  const noRow = stops.at({ kind: 'no-row', entity: entity.name })
  const isThere = sql`${alias}.${idColumn(entity)} is not null${live(entity, alias)}`
  const readable = whenTrue(entity.access.read, bindRow(scope, 'row', alias))
  const allowed = whenTrue(action.allow, scope)
  // A caller who may not read the row is not told whether it exists.
  const hidden = action.as === 'caller' ? sql`(${readable}) is not true` : sql`(${readable}) is not true and (${allowed}) is not true`
  return sql` when not (${isThere}) or (${hidden}) then ${noRow}`
}

function referenceCase({ action, places }: ActionScope, { name, optional }: ReferenceInput, stops: Stops): Sql {
  const { entity } = placeNamed(places, inputBinding(name))
  const missing = sql`${aliasOf(inputBinding(name))}.${idColumn(entity)} is null`
  const wrong = optional ? sql`${isSent(name)} and ${inputSql(action, name) ?? sql`null`} is not null and ${missing}` : missing
  return sql` when ${wrong} then ${stops.at({ kind: 'reference', input: name })}`
}

function staleCase({ entity }: NamedPlace, stops: Stops): Sql {
  const versions = slot('versions', 'bigint[]')
  const stale = stops.at({ kind: 'stale', entity: entity.name })
  return sql` when ${versions} is not null and (${aliasOf(ACTION_ROW)}."version" = any(${versions})) is not true then ${stale}`
}
