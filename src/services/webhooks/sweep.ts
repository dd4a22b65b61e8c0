/** Forgets old messages. */

import { numberLiteral, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import { BODIES, DELIVERIES } from './orders.ts'

/** Days that messages are kept after their end: those that were sent, and those that were given up. */
const SENT_DAYS = 7
const FAILED_DAYS = 30

/**
 * A body goes with the last message that has it, or any other one of its event and reaction. The messages are locked, so that none is
 * deleted that somebody sends again at the same moment; one that is locked is left to the next call.
 */
const SWEEP: Statement = {
  name: 'webhooks.sweep',
  sql: sql`with old as materialized (select d.id from ${DELIVERIES} d
      where d.ended_at < now() - ${numberLiteral(SENT_DAYS)} * interval '1 day'
        and (d.state = 'sent' or d.ended_at < now() - ${numberLiteral(FAILED_DAYS)} * interval '1 day')
      order by d.ended_at limit 1000 for update skip locked),
    gone as (delete from ${DELIVERIES} d using old where d.id = old.id returning d.id, d.event, d.reaction),
    bodies as (delete from ${BODIES} b using (select distinct event, reaction from gone) g where b.event = g.event and b.reaction = g.reaction
      and not exists (select from ${DELIVERIES} d where d.event = g.event and d.reaction = g.reaction and d.id not in (select id from gone)))
    select count(*) from gone`,
}

/** Forgets old messages with their bodies, at most 1,000 in one call. Returns how many. @throws the driver's error */
export async function sweepDeliveries(run: Run): Promise<number> {
  const [[count] = []] = await run(SWEEP, {})
  return Number(count)
}
