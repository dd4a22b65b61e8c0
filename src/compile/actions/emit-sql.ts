/** The step `emit`: a row of the log about a row of the action, as it is at that moment. */

import { empty, ident, join, literal, numberLiteral, type Sql, sql } from '../../base/sql/sql.ts'
import type { EmitStep } from '../../model/action.ts'
import { EVENT_NUMBERS, EVENTS_TABLE, LOG_PARTS, SYSTEM_SCHEMA } from '../../model/database.ts'
import { entityNamed } from '../../model/model.ts'
import { whenTrue } from '../rules/predicate-sql.ts'
import { bound, idColumn, termSql } from '../rules/term-sql.ts'
import { unloggedColumns } from '../tables/logged-writes.ts'
import { elementsSql, termsOfElements } from './elements.ts'
import { type ActionScope, frameOf, idTerm } from './frame.ts'
import { typedSql } from './parts/typed-sql.ts'

/** The statement that logs an event: nothing for a row that is missing. */
export function emitSql(asked: ActionScope, step: EmitStep): Sql {
  // The log is not an answer, so no rule hides anything from it.
  const shared: ActionScope = { ...asked, action: { ...asked.action, as: 'system' } }
  const { each, when, row, inputs, event } = step
  const entity = entityNamed(shared.model, row.entity)
  const id = idTerm(shared.model, row)
  const over = each === null ? [] : termsOfElements(shared, each.over)
  const own = new Map(each === null ? [] : [[each.name, empty]])
  const frame = frameOf(shared, [id, ...inputs.map(({ value }) => value), ...over, when], own)
  const elements = each === null ? null : elementsSql(shared, each, frame)
  const scope = elements?.scope ?? frame.scope
  const isNamed = row.hops.length === 0
  const alias = isNamed ? bound(scope.rows, row.binding) : sql`"#about"`
  const reached = isNamed ? empty : sql` join ${ident(entity.table)} "#about" on "#about".${idColumn(entity)} = ${termSql(id, scope)}`
  const holds = [sql`${alias}.${idColumn(entity)} is not null`, ...(when === null ? [] : [whenTrue(when, scope)])]
  const members = inputs.map(({ name, value }) => sql`${literal(name)}::text, ${typedSql(value, scope)}`)
  const columns = [
    sql`(extract(epoch from clock_timestamp())::bigint / 86400 % ${numberLiteral(LOG_PARTS)})::smallint`,
    sql`nextval(${literal(EVENT_NUMBERS)})`,
    literal(event.entity),
    literal(event.happening),
    sql`${alias}.${idColumn(entity)}::text`,
    sql`${alias}."version"`,
    sql`to_jsonb(${alias}) - ${literal(unloggedColumns(entity))}::text[]`,
    members.length === 0 ? sql`null` : sql`jsonb_build_object(${join(members, ', ', empty)})`,
  ]
  const log = ident(SYSTEM_SCHEMA, EVENTS_TABLE)
  const from = sql`${frame.from}${elements?.joined ?? empty}${reached}`
  return sql`insert into ${log} (slot, id, entity, happening, row_id, version, after, input)
    select ${join(columns, ', ', empty)} from ${from} where ${join(holds, ' and ', empty)}`
}
