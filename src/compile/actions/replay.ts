/**
 * The repetition of an action with the same `Idempotency-Key`. The first request keeps the ids of the rows that the action has named. A
 * repetition changes nothing: it makes the answer again from those of these rows that the caller may still read. This is only for actions
 * that run as their caller, and for those that sign in. For another action as system, the answer itself is kept.
 */

import { empty, ident, join, literal, type Sql, slot, sql } from '../../base/sql/sql.ts'
import { ACTION_ROW } from '../../model/action.ts'
import { ALWAYS, type Predicate } from '../../model/expression.ts'
import type { Entity } from '../../model/model.ts'
import { rowScope, whenTrue } from '../rules/predicate-sql.ts'
import { idColumn, live } from '../rules/term-sql.ts'
import { type ActionScope, type NamedPlace, typeOfKey } from './frame.ts'
import type { Stops } from './parts/stops.ts'

const T = sql`t`

/** The places whose ids are kept, in their order. */
function keptPlaces({ places }: ActionScope): readonly NamedPlace[] {
  return [...places.values()].filter(({ setting }) => setting !== null)
}

/** The statement that returns the ids of all named rows, one column each; null when the action names none. */
export function rememberSql(shared: ActionScope): Sql | null {
  const kept = keptPlaces(shared).map(({ setting }) => sql`current_setting(${literal(setting ?? '')}, true)`)
  return kept.length === 0 ? null : sql`select ${join(kept, ', ', empty)}`
}

/** The number of a name among the kept ids; -1 for none. */
export function keptIndex({ places }: ActionScope, name: string): number {
  return [...places].filter(([, { setting }]) => setting !== null).findIndex(([one]) => one === name)
}

/** The slot of a kept id, by its place in the answer of `rememberSql`. */
export function keptSlot(index: number): string {
  return `kept.${index}`
}

/** The statements of a repetition before its answer. They stop when the caller may no longer read the row of the action. */
export function recallSql(shared: ActionScope, stops: Stops): readonly Sql[] {
  const { model, places, action } = shared
  const readRule = ({ access }: Entity): Predicate => (action.as === 'system' ? ALWAYS : access.read)
  const row = places.get(ACTION_ROW)
  const settings = keptPlaces(shared).map((place, i) => {
    const { entity, many, setting, values } = place
    const text = slot(keptSlot(i), 'text')
    if (values !== null) return sql`set_config(${literal(setting ?? '')}, coalesce(${text}, ''), true)`
    const kept = sql`nullif(${text}, '')::${typeOfKey(place)}`
    const readable = sql`${whenTrue(readRule(entity), rowScope(model, T))}${live(entity, T)}`
    const id = sql`t.${idColumn(entity)}`
    const table = ident(entity.table)
    const one = sql`select ${id}::text from ${table} t where ${id} = ${kept} and ${readable}`
    const all = sql`select array_agg(${id} order by k.place)::text from unnest(${kept}) with ordinality k(id, place) join ${table} t on ${id} = k.id where ${readable}`
    return sql`set_config(${literal(setting ?? '')}, coalesce((${many ? all : one}), ''), true)`
  })
  const recalled = settings.length === 0 ? [] : [sql`select ${join(settings, ', ', empty)}`]
  if (row === undefined) return recalled
  const { entity, key } = row
  const found = sql`select 1 from ${ident(entity.table)} t where t.${idColumn(entity)} = ${key} and ${whenTrue(readRule(entity), rowScope(model, T))}${live(entity, T)}`
  const stop = stops.at({ kind: 'no-row', entity: entity.name })
  return [...recalled, sql`select case when not exists (${found}) then ${stop} end`]
}
