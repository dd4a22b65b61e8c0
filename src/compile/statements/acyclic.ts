/**
 * Acyclic references: no row becomes its own ancestor. Only a change of such a reference can close a circle: nothing refers to a new row
 * yet, and deletions only take references away. So every update that sends one first takes the lock of its table until the end of the
 * transaction, and then, in a statement of its own that sees what others have committed, walks up from the new parent. Two moves of one
 * table therefore never overlap, and the walk of the second sees the first.
 */

import { ident, literal, type Sql, sql } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import { type Entity, fieldNamed } from '../../model/model.ts'
import type { WrittenField } from './plan.ts'
import { namesOf } from './sent-fields.ts'

/** Whether a request that sends the field could close a circle. */
export function isAcyclic({ field }: WrittenField): boolean {
  return field.type.kind === 'ref' && field.type.acyclic
}

/**
 * The lock under which references of the rows of an entity to one another change. It is held until the end of the transaction.
 *
 * Source: PostgreSQL, "Advisory Locks".
 */
export function lockTrees(entity: Entity): Statement {
  const key = sql`hashtextextended(${literal(`plinth acyclic ${entity.table}`)}, 0)`
  return { name: `lock the trees of ${entity.name}`, sql: sql`select pg_advisory_xact_lock(${key})` }
}

/**
 * SQL for the names of the fields by which the row `n`, before the write `o`, would become its own ancestor, as JSON text. The walk ends at
 * the row itself and, because it keeps each id once, also in a circle that was in the database before.
 */
export function circularFields(entity: Entity, fields: readonly WrittenField[]): Sql {
  const [table, id] = [ident(entity.table), ident(fieldNamed(entity, 'id').column)]
  return namesOf(
    fields.filter(isAcyclic).map(({ field }) => {
      const parent = ident(field.column)
      const above = sql`select t.${parent} from ${table} t join up on t.${id} = up.id where up.id <> n.${id} and t.${parent} is not null`
      const walk = sql`with recursive up(id) as (select n.${parent} union ${above}) select 1 from up where up.id = n.${id}`
      return sql`case when n.${parent} is distinct from o.${parent} and exists (${walk}) then ${literal(field.name)} end`
    }),
  )
}
