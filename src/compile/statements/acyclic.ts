/**
 * Acyclic references: no row becomes its own ancestor. Only an update of such a reference can make a circle: no row refers to a new row
 * yet, and a deletion only removes references. So every update that sends such a reference first takes the lock of its table until the end
 * of the transaction. A second statement, which sees the commits of others, then walks up from the new parent. Two such updates of one
 * table therefore never overlap, and the walk of the second sees the first.
 */

import { ident, literal, type Sql, sql } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import { type Entity, fieldNamed } from '../../model/model.ts'
import type { WrittenField } from './plan.ts'
import { namesOf } from './sent-fields.ts'

/** Whether a request that sends the field could make a circle. */
export function isAcyclic({ field }: WrittenField): boolean {
  return field.type.kind === 'ref' && field.type.acyclic
}

/**
 * Takes the lock for changes of references between rows of an entity. The transaction holds the lock until its end.
 *
 * Source: PostgreSQL, "Advisory Locks".
 */
export function lockTrees(entity: Entity): Statement {
  const key = sql`hashtextextended(${literal(`plinth acyclic ${entity.table}`)}, 0)`
  return { name: `lock the trees of ${entity.name}`, sql: sql`select pg_advisory_xact_lock(${key})` }
}

/**
 * SQL for the names of the fields that would make a row its own ancestor, as JSON text, or null when no field is acyclic; `o` is the row
 * before the write, `n` after it. The walk ends at the row itself. It keeps each id once, so it also ends in a circle that is already in
 * the database.
 */
export function circularFields(entity: Entity, fields: readonly WrittenField[]): Sql | null {
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
