/**
 * Reads the log in the order of commits, from snapshot to snapshot. A batch has exactly the events of the transactions between two
 * snapshots. A small batch is read at once, over the index of the ids of transactions. A large one is read in pages, in the order of the
 * numbers of events.
 */

import { numberLiteral, slot, sql } from '../../base/sql/sql.ts'
import type { Row, Statement, Values } from '../../base/sql/statement.ts'
import { type Cursor, cursorAt, type Mark } from './cursor.ts'
import type { LoggedEvent } from './delivery.ts'
import { EVENTS, eventColumns, eventOf, HAS_WAITING, PAGE_BYTES, PAGE_EVENTS, SIZE } from './log-columns.ts'
import { readPage } from './log-pages.ts'

/** A page of the log, in the order of the numbers of events. */
export interface LogPage {
  readonly events: readonly LoggedEvent[]
  /** The cursor after it. */
  readonly cursor: Cursor
  /** Whether any event waits or was given up. */
  readonly hasWaiting: boolean
}

const SEEN = slot('seen', 'pg_snapshot')

/**
 * The events after a cursor, unless they are too many for one page. Each row begins with the snapshot at the end of the batch, whether any
 * event waits, and, if they are too many, the highest number in the log. Without events there is one row.
 */
const READ: Statement = {
  name: 'events.read',
  sql: sql`
with n as materialized (select pg_current_snapshot() as snap),
found as materialized (select u.* from n cross join lateral (
    select e.*, ${SIZE} as size from ${EVENTS} e
    where e.xid >= pg_snapshot_xmax(${SEEN}) and e.xid < pg_snapshot_xmax(n.snap) and pg_visible_in_snapshot(e.xid, n.snap)
    union all
    select e.*, ${SIZE} as size from ${EVENTS} e
    where e.xid = any (array(select ran.xid from pg_snapshot_xip(${SEEN}) as ran (xid) where pg_visible_in_snapshot(ran.xid, n.snap)))
  ) u limit ${numberLiteral(PAGE_EVENTS + 1)}),
large as materialized (select count(*) > ${numberLiteral(PAGE_EVENTS)} or sum(size) >= ${numberLiteral(PAGE_BYTES)} as is_large from found)
select n.snap::text, ${HAS_WAITING}, case when l.is_large then (select max(e.id) from ${EVENTS} e) end, ${eventColumns('f', 'id')}
from n cross join large l left join found f on l.is_large is not true order by f.id`,
}

/**
 * Reads the next page after a cursor. The page is empty when a large batch begins.
 *
 * @param mark of the last time that the cursor was stored.
 * @throws the driver's error
 */
export async function readLog(
  run: (statement: Statement, values: Values) => Promise<readonly Row[]>,
  cursor: Cursor,
  mark: Mark | null,
): Promise<LogPage> {
  const { seen, floor, batch } = cursor
  if (batch !== null) {
    const { events, last, hasWaiting } = await readPage(run, { seen, floor, batch })
    const isOver = last === null || BigInt(last) >= BigInt(batch.until)
    return { events, hasWaiting, cursor: isOver ? cursorAt(batch.target, floor, mark) : { seen, floor, batch: { ...batch, last } } }
  }
  const rows = await run(READ, { seen })
  const [end = null, waiting, until = null] = rows[0] ?? []
  const hasWaiting = waiting === 't'
  if (end === null) return { events: [], cursor, hasWaiting }
  if (until !== null) return { events: [], cursor: { seen, floor, batch: { target: end, last: '0', until } }, hasWaiting }
  return { events: rows.flatMap((row) => eventOf(row.slice(3)) ?? []), cursor: cursorAt(end, floor, mark), hasWaiting }
}
