/** The events that no reaction has seen yet, as a number and an age. */

import { ident, literal, numberLiteral, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'
import { NOTHING_SEEN } from './cursor.ts'
import { EVENTS } from './log-columns.ts'

/** What is left of the log. */
export interface Undelivered {
  /** At most `MOST_COUNTED`. */
  readonly events: number
  /** Seconds since the oldest was logged; 0 for none. */
  readonly oldestSeconds: number
}

/** More are not counted, so that a long log costs as little as a short one. */
export const MOST_COUNTED = 10_000

/**
 * Snapshots have seen all transactions below their xmin, so the index of transactions finds the rest. Before a process has read the log for
 * the first time, nothing was seen.
 */
const UNDELIVERED: Statement = {
  name: 'events.undelivered',
  sql: sql`select count(*), coalesce(extract(epoch from clock_timestamp() - min(at)), 0) from (
      select e.at from (select coalesce(min(seen::text), ${literal(NOTHING_SEEN)})::pg_snapshot as seen from ${ident(SYSTEM_SCHEMA, 'event_consumers')}) c join ${EVENTS} e
        on e.xid >= pg_snapshot_xmin(c.seen)::text::xid8 and not pg_visible_in_snapshot(e.xid, c.seen)
      limit ${numberLiteral(MOST_COUNTED)}) e`,
}

/** Counts the events of the log that were not delivered. @throws the driver's error */
export async function countUndelivered(run: Run): Promise<Undelivered> {
  const [[events, oldest] = []] = await run(UNDELIVERED, {})
  return { events: Number(events ?? 0), oldestSeconds: Math.max(0, Number(oldest ?? 0)) }
}
