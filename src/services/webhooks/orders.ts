/**
 * The order of messages: those about one row come to a receiver one after the other. The first one that waits is ready or has a time; the
 * others are behind it.
 */

import { ident, numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'

/** The table of messages. */
export const DELIVERIES: Sql = ident(SYSTEM_SCHEMA, 'webhook_deliveries')
/** The table of their bodies. */
export const BODIES: Sql = ident(SYSTEM_SCHEMA, 'webhook_bodies')

/** The messages about one row to one receiver. */
export interface MessageOrder {
  readonly endpoint: string
  readonly entity: string
  readonly rowId: string
}

/** The messages `b` in the order of the row `other`. Each of the conditions that may follow it is served by an index. */
const sameOrder = (other: Sql): Sql =>
  sql`from ${DELIVERIES} b where b.endpoint = ${other}.endpoint and b.entity = ${other}.entity and b.row_id = ${other}.row_id`

/** Whether an earlier message in the order of the message `w` was given up and holds it. */
const isHeld = (w: Sql): Sql => sql`exists (select ${sameOrder(w)} and b.state = 'failed' and b.hold and b.event < ${w}.event)`

/** Whether a message `w`, which is in the table, must wait for an earlier one. */
export const isBehind = (w: Sql): Sql =>
  sql`(exists (select ${sameOrder(w)} and b.state = 'waiting' and (b.event, b.id) < (${w}.event, ${w}.id)) or ${isHeld(w)})`

/** Whether a message `r` that is about to be added must wait for an earlier one. Ids grow, so one about the same event is earlier. */
export const startsBehind = (r: Sql): Sql =>
  sql`(exists (select ${sameOrder(r)} and b.state = 'waiting' and b.event <= ${r}.event) or ${isHeld(r)})`

const W = ident('w')

const RELEASE: Statement = {
  name: 'webhooks.release',
  sql: sql`update ${DELIVERIES} w set turn = 'ready'
    from unnest(${slot('endpoints', 'text[]')}, ${slot('entities', 'text[]')}, ${slot('rows', 'text[]')}) as k (endpoint, entity, row_id)
    cross join lateral (select b.id ${sameOrder(ident('k'))} and b.state = 'waiting' order by b.event, b.id limit 1) f
    where w.id = f.id and w.turn = 'behind' and not ${isHeld(W)}`,
}

/**
 * Makes the first waiting message of each of these orders ready, if it is behind and nothing holds it. Call it after each change that adds
 * messages that are behind or ends the first one, and after the commit of that change: of two processes that change an order at the same
 * time, the later one then sees both changes.
 *
 * @throws the driver's error
 */
export async function releaseOrders(run: Run, orders: readonly MessageOrder[]): Promise<void> {
  if (orders.length === 0) return
  const each = [...new Map(orders.map((order) => [JSON.stringify([order.endpoint, order.entity, order.rowId]), order])).values()]
  await run(RELEASE, {
    endpoints: arrayLiteral(each.map(({ endpoint }) => endpoint)),
    entities: arrayLiteral(each.map(({ entity }) => entity)),
    rows: arrayLiteral(each.map(({ rowId }) => rowId)),
  })
}

/** Orders that one call of `releaseNext` looks at. */
const MOST_WALKED = 1_000

const COLUMNS = sql`d.endpoint, d.entity, d.row_id, d.id, d.turn`
const FIRST = sql`order by d.endpoint, d.entity, d.row_id, d.event, d.id limit 1`

/** Goes from one order to the first message of the next one by the index, so messages behind cost nothing. */
const WALK: Statement = {
  name: 'webhooks.walk',
  sql: sql`with recursive orders (endpoint, entity, row_id, id, turn, n) as (
      (select ${COLUMNS}, 1 from ${DELIVERIES} d where d.state = 'waiting' and (d.endpoint, d.entity, d.row_id)
        > (${slot('endpoint', 'text')}, ${slot('entity', 'text')}, ${slot('row', 'text')}) ${FIRST})
      union all
      select next.endpoint, next.entity, next.row_id, next.id, next.turn, o.n + 1 from orders o
      cross join lateral (select ${COLUMNS} from ${DELIVERIES} d
        where d.state = 'waiting' and (d.endpoint, d.entity, d.row_id) > (o.endpoint, o.entity, o.row_id) ${FIRST}) next
      where o.n < ${numberLiteral(MOST_WALKED)}),
    released as (
      update ${DELIVERIES} w set turn = 'ready' from orders o
      where w.id = o.id and o.turn = 'behind' and w.turn = 'behind' and not ${isHeld(W)} returning 1)
    select o.endpoint, o.entity, o.row_id, (select count(*) from released) from orders o where o.n = ${numberLiteral(MOST_WALKED)}`,
}

/**
 * Does the same for the next orders of all receivers, after a given one: a process may have ended between a change and `releaseOrders`.
 *
 * @param after null: begins with the first one
 * @returns the last order that was looked at; null at the end
 * @throws the driver's error
 */
export async function releaseNext(run: Run, after: MessageOrder | null): Promise<MessageOrder | null> {
  const [row] = await run(WALK, { endpoint: after?.endpoint ?? '', entity: after?.entity ?? '', row: after?.rowId ?? '' })
  return row === undefined ? null : { endpoint: row[0] ?? '', entity: row[1] ?? '', rowId: row[2] ?? '' }
}
