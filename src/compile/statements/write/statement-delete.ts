/** The statement of a delete, with the parts of `statement-create.ts`. `verdict` holds the decisions of the rules about the old rows. */

import { calls, empty, ident, join, type Sql, sql } from '../../../base/sql/sql.ts'
import type { Statement } from '../../../base/sql/statement.ts'
import { type Entity, fieldNamed, type Model } from '../../../model/model.ts'
import { rowScope, whenTrue } from '../../rules/predicate-sql.ts'
import { setAt } from '../../rules/write-rules.ts'
import type { DeletePlan } from '../plan.ts'
import { DELETED, selectList } from '../row-columns.ts'
import { presetValue } from '../written-values.ts'
import { freshness, mergeOf, ORD, oldRows, ownId, sqlList } from './write-parts.ts'

/**
 * Marks the rows as deleted, under the alias `t`. It is a write like others, so the server also sets the fields that it sets at every
 * write.
 */
function softDelete(model: Model, entity: Entity): Sql {
  const set = entity.fields.flatMap((field) => {
    const value = setAt(field, 'update')
    return value === null
      ? []
      : [
          sql`${ident(field.column)} = ${presetValue(model, field, { term: value, made: (name) => sql`t.${ident(fieldNamed(entity, name).column)}` })}`,
        ]
  })
  const changes = join([sql`"deleted_at" = now(), "updated_at" = now(), "version" = t."version" + 1`, ...set], ', ', empty)
  const caller = set.length === 0 ? empty : sql` join call on call.ord = v.${ORD}`
  return sql`update ${ident(entity.table)} t set ${changes} from verdict v${caller}`
}

/** Deletes rows that the rules allow. A call returns one row with the columns of `DELETED`, or none for an id that does not exist. */
export function deleteStatement(model: Model, plan: DeletePlan): Statement {
  const { entity } = plan
  const scope = rowScope(model, ident('o'))
  const verdict = sqlList([
    sql`o.${ORD}`,
    sql`o.${ownId(entity)}`,
    sql`(${whenTrue(plan.readable, scope)}) is true as readable`,
    sql`(${whenTrue(plan.allowed, scope)}) is true as allowed`,
    sql`${freshness(sql`o`)} as fresh`,
  ])
  const returned = selectList(DELETED, {
    ord: sql`v.${ORD}`,
    readable: sql`v.readable`,
    allowed: sql`v.allowed`,
    fresh: sql`v.fresh`,
    id: sql`d.${ownId(entity)}::text`,
  })
  const table = ident(entity.table)
  const hit = sql`t.${ownId(entity)} = v.${ownId(entity)} and v.readable and v.allowed and v.fresh`
  const done = entity.softDelete
    ? sql`${softDelete(model, entity)} where ${hit} returning v.${ORD}, t.${ownId(entity)}`
    : sql`delete from ${table} t using verdict v where ${hit} returning v.${ORD}, t.${ownId(entity)}`
  const judged = sql`select ${verdict} from old o join call on call.ord = o.${ORD}`
  const ctes = sql`with call as (${calls}), ${oldRows(model, entity)}, verdict as materialized (${judged}), done as (${done})`
  const answer = sql`select ${returned} from verdict v left join done d on d.${ORD} = v.${ORD}`
  return {
    name: `delete ${entity.name}`,
    ...mergeOf(model, plan),
    distinct: ['id'],
    sql: sql`${ctes} ${answer}`,
  }
}
