/**
 * Locks the row of an update or a delete with hooks, and makes the decisions about the row before the write. So no hook runs for a caller
 * who is refused anyway.
 */

import { memoPair } from '../../../base/memo.ts'
import { ident, type Sql, sql } from '../../../base/sql/sql.ts'
import type { Statement } from '../../../base/sql/statement.ts'
import { ALWAYS } from '../../../model/expression.ts'
import { type Entity, isToken, type Model } from '../../../model/model.ts'
import { rowScope, type SqlScope, whenTrue } from '../../rules/predicate-sql.ts'
import { outputSql } from '../output-sql.ts'
import type { DeletePlan, Output, UpdatePlan } from '../plan.ts'
import { HELD, selectList } from '../row-columns.ts'
import { updatedInput } from '../written-values.ts'
import { freshness, idSlot, isThere, ownId } from './write-parts.ts'

/** Locks the row of one call. It gives a row with the columns of `HELD`, or none for an id that does not exist. */
export const heldRowStatement = memoPair((model: Model, plan: UpdatePlan | DeletePlan): Statement => {
  const { entity } = plan
  const lock = plan.kind === 'delete' ? sql`for update` : sql`for no key update`
  const isRow = sql`t.${ownId(entity)} = ${idSlot(entity)} and ${isThere(model, entity, 't')}`
  const held = sql`select t.* from ${ident(entity.table)} t where ${isRow} ${lock}`
  const scope = rowScope(model, ident('o'))
  const allowed = plan.kind === 'delete' ? whenTrue(plan.allowed, scope) : whenTrue(plan.from, { ...scope, input: inputOf(plan) })
  const returned = selectList(HELD, {
    readable: sql`(${whenTrue(plan.readable, scope)}) is true`,
    allowed: sql`(${allowed}) is true`,
    fresh: freshness(sql`o`),
    row: outputSql(model, wholeRow(entity), 'o'),
  })
  return { name: `hold ${entity.name}`, sql: sql`select ${returned} from (${held}) o` }
})

/** Reads the row of an id for a hook, as JSON text. It gives a row with one column. */
export const hookedRowStatement = memoPair((model: Model, entity: Entity): Statement => {
  const json = outputSql(model, wholeRow(entity), 't')
  const isRow = sql`t.${ownId(entity)} = ${idSlot(entity)}`
  return { name: `hooked ${entity.name}`, sql: sql`select ${json} from ${ident(entity.table)} t where ${isRow}` }
})

/** `input` in the rule on the row before the update, as in `updateStatement`. */
function inputOf({ fields }: UpdatePlan): NonNullable<SqlScope['input']> {
  return (name): Sql | null => {
    const written = fields.find(({ field }) => field.name === name)
    return written === undefined ? null : updatedInput(written)
  }
}

/** All fields of a row except passwords and tokens. */
export function wholeRow(entity: Entity): Output {
  const readable = entity.fields.filter((field) => field.type.kind !== 'password' && !isToken(field))
  const fields = readable.map((field) => ({ field, visible: ALWAYS }))
  return { entity, fields, includes: [] }
}
