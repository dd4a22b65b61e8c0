/** The statements before the steps: find the rows of the input, ask `allow`, lock the rows, compare the version. */

import { empty, ident, join, type Sql, slot, sql } from '../../base/sql/sql.ts'
import { ACTION_ROW, type ActionInput, inputBinding, STEP_ROW } from '../../model/action.ts'
import { fieldNamed } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { whenTrue } from '../rules/predicate-sql.ts'
import { bindRow, idColumn, live } from '../rules/term-sql.ts'
import { type ActionScope, aliasOf, frameOf, inputSql, isSent, keep, placeNamed } from './frame.ts'
import type { Stops } from './stops.ts'

const T = sql`t`

/** An input that refers to a row. */
export type ReferenceInput = ActionInput & { readonly type: Extract<ActionInput['type'], { readonly kind: 'reference' }> }

/** The inputs that refer to rows. */
export function referencesOf(inputs: readonly ActionInput[]): readonly ReferenceInput[] {
  return inputs.filter((input): input is ReferenceInput => input.type.kind === 'reference')
}

/**
 * Finds the row that an input refers to, and keeps its id. The condition of a later reference may use the row of an earlier one.
 *
 * @param again whether the row was found before and is now locked. Then its id is dropped if the row no longer fits.
 */
export function referenceSql(shared: ActionScope, { name, type }: ReferenceInput, again = false): Sql {
  const { places, action } = shared
  const place = placeNamed(places, inputBinding(name))
  const { entity } = place
  const own = new Map([[STEP_ROW, T]])
  const frame = frameOf(shared, [type.where], own)
  const scope = bindRow(frame.scope, STEP_ROW, T)
  const value = inputSql(action, name) ?? sql`null`
  const readable = action.as === 'caller' ? [whenTrue(entity.access.read, bindRow(scope, 'row', T))] : []
  const same = again ? [sql`t.${idColumn(entity)} = ${place.key}`] : []
  const conditions = [sql`t.${ident(fieldNamed(entity, type.by).column)} = ${value}`, ...same, whenTrue(type.where, scope), ...readable]
  const row = sql`select t.${idColumn(entity)} from ${ident(entity.table)} t where ${join(conditions, ' and ', empty)}${live(entity, T)} limit 1`
  return sql`select ${keep(place, sql`(${row})`)} from ${frame.from}`
}

/** Judges the row of the action, then the references, then `allow`. The first refusal stops the action. Null when nothing can refuse. */
export function judgeSql(shared: ActionScope, stops: Stops): Sql | null {
  const { action, places } = shared
  const references = referencesOf(action.inputs)
  const used = [
    action.allow,
    ...references.map(({ name, type }) => fieldOf(name, type.entity)),
    ...(hasRow(places) ? [rowField(places)] : []),
  ]
  const { from, scope } = frameOf(shared, used)
  const cases: Sql[] = []
  const row = places.get(ACTION_ROW)
  if (row !== undefined) {
    const alias = aliasOf(ACTION_ROW)
    const noRow = stops.at({ kind: 'no-row', entity: row.entity.name })
    const isThere = sql`${alias}.${idColumn(row.entity)} is not null${live(row.entity, alias)}`
    const readable = whenTrue(row.entity.access.read, bindRow(scope, 'row', alias))
    const allowed = whenTrue(action.allow, scope)
    // A caller who may not read the row is not told whether it exists.
    const hidden = action.as === 'caller' ? sql`(${readable}) is not true` : sql`(${readable}) is not true and (${allowed}) is not true`
    cases.push(sql`when not (${isThere}) or (${hidden}) then ${noRow}`)
  }
  for (const { name, optional } of references) {
    const { entity } = placeNamed(places, inputBinding(name))
    const missing = sql`${aliasOf(inputBinding(name))}.${idColumn(entity)} is null`
    const wrong = optional ? sql`${isSent(name)} and ${inputSql(action, name) ?? sql`null`} is not null and ${missing}` : missing
    cases.push(sql`when ${wrong} then ${stops.at({ kind: 'reference', input: name })}`)
  }
  if (!isAlways(action.allow))
    cases.push(sql`when (${whenTrue(action.allow, scope)}) is not true then ${stops.at({ kind: 'not-allowed' })}`)
  return cases.length === 0 ? null : sql`select case ${join(cases, '', empty)} end from ${from}`
}

function hasRow(places: ActionScope['places']): boolean {
  return places.has(ACTION_ROW)
}

function rowField(places: ActionScope['places']) {
  return fieldOf(null, placeNamed(places, ACTION_ROW).entity.name)
}

/** A term that uses a row, so that the frame contains the row. */
function fieldOf(input: string | null, entity: string) {
  const binding = input === null ? ACTION_ROW : inputBinding(input)
  return {
    kind: 'field',
    type: { scalar: 'text', list: false },
    row: { binding, root: entity, hops: [], entity },
    field: 'id',
  } as const
}

/** Compares the version of the row of the action with If-Match, and finds out whether a row was deleted before it was locked. */
export function afterLockSql(shared: ActionScope, names: ReadonlySet<string>, stops: Stops): Sql | null {
  const { places } = shared
  const rows = [...names].map((name) => placeNamed(places, name))
  const row = places.get(ACTION_ROW)
  const gone = stops.at({ kind: 'gone' })
  const cases = rows.map(({ entity, key }) => {
    const isThere = sql`select 1 from ${ident(entity.table)} t where t.${idColumn(entity)} = ${key}${live(entity, T)}`
    return sql`when ${key} is not null and not exists (${isThere}) then ${gone}`
  })
  if (row !== undefined && !shared.action.reads) {
    const versions = slot('versions', 'bigint[]')
    const version = sql`(select t."version" from ${ident(row.entity.table)} t where t.${idColumn(row.entity)} = ${row.key})`
    const stale = stops.at({ kind: 'stale', entity: row.entity.name })
    cases.push(sql`when ${versions} is not null and (${version} = any(${versions})) is not true then ${stale}`)
  }
  return cases.length === 0 ? null : sql`select case ${join(cases, '', empty)} end`
}
