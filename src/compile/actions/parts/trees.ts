/**
 * Acyclic references that steps change. The lock of the table is taken before the first step, and the walk up from the changed rows is a
 * statement after the step, as for other writes (`statements/acyclic.ts`).
 */

import { empty, ident, join, literal, type Sql, sql, typeName } from '../../../base/sql/sql.ts'
import type { ActionStep, Assignment } from '../../../model/action.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type Model } from '../../../model/model.ts'
import { idColumn, idType } from '../../rules/term-sql.ts'
import { lockTrees } from '../../statements/acyclic.ts'
import type { Stops } from './stops.ts'

/** The setting that holds the ids of the rows whose acyclic references the last step has changed. */
const CHANGED = 'plinth.tree'

/** The acyclic references that the assignments change. */
export function treeFields(entity: Entity, set: readonly Assignment[]): readonly Field[] {
  return entity.fields.filter(({ name, type }) => type.kind === 'ref' && type.acyclic && set.some(({ field }) => field === name))
}

function treesOf(model: Model, step: ActionStep): readonly Field[] {
  if (step.verb === 'update') return treeFields(entityNamed(model, step.entity), step.set)
  return step.verb === 'ensure' ? treeFields(entityNamed(model, step.entity), step.existing) : []
}

/** The statements that lock the tables whose acyclic references the steps change. */
export function lockTreesOf(model: Model, steps: readonly ActionStep[]): readonly Sql[] {
  const names = steps.flatMap((step) => ('entity' in step && treesOf(model, step).length > 0 ? [step.entity] : []))
  return [...new Set(names)].toSorted().map((name) => lockTrees(entityNamed(model, name)).sql)
}

/** An expression that keeps the ids of changed rows, an array, for `judgeTrees`. */
export function keepChanged(ids: Sql): Sql {
  return sql`set_config(${literal(CHANGED)}, coalesce((${ids})::text, ''), true)`
}

/** A statement that stops the action when a changed row has become its own ancestor; null for a step that changes no acyclic reference. */
export function judgeTrees(model: Model, step: ActionStep, stops: Stops): Sql | null {
  const fields = treesOf(model, step)
  if (fields.length === 0 || !('entity' in step)) return null
  const entity = entityNamed(model, step.entity)
  const table = ident(entity.table)
  const id = idColumn(entity)
  const ids = sql`nullif(current_setting(${literal(CHANGED)}, true), '')::${typeName(`${idType(entity)}[]`)}`
  const cases = fields.map(({ name }) => {
    const parent = ident(fieldNamed(entity, name).column)
    const above = sql`select t.${parent} from ${table} t join up on t.${id} = up.id where up.id <> n.${id} and t.${parent} is not null`
    const walk = sql`with recursive up(id) as (select n.${parent} union ${above}) select 1 from up where up.id = n.${id}`
    const found = sql`select 1 from ${table} n where n.${id} = any(${ids}) and exists (${walk})`
    return sql` when exists (${found}) then ${stops.at({ kind: 'circular', entity: entity.name, field: name })}`
  })
  return sql`select case${join(cases, '', empty)} end`
}
