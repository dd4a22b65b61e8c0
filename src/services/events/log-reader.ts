/**
 * Reads the log in the order of commits. Numbers of events and ids of transactions are given before the commit, so a reader that only
 * remembers the last one would miss the events of transactions that commit later. A cursor is therefore a snapshot: the set of all
 * transactions whose events were read. A batch ends at a later snapshot, and has exactly the events of the transactions between the two. It
 * cannot end at an id of a transaction: a transaction with a lower id may change a row after one with a higher id.
 */

import { ident, numberLiteral, slot, sql } from '../../base/sql/sql.ts'
import type { Row, Statement, Values } from '../../base/sql/statement.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'
import type { LoggedEvent } from './delivery.ts'

/** The most events of a page. */
export const PAGE_EVENTS = 2_000

/** How far the log was read. While a batch is read in several pages, `target` is its end, and `last` the last event of the pages. */
export interface Cursor {
  readonly seen: string
  readonly target: string | null
  readonly last: string
}

/** A page of the log, in the order of the numbers of events, and the cursor after it. */
export interface LogPage {
  readonly events: readonly LoggedEvent[]
  readonly cursor: Cursor
}

/** After an event with which a page has this many bytes in the table, the page ends. */
const PAGE_BYTES = 8_388_608

const EVENTS = ident(SYSTEM_SCHEMA, 'events')
const SEEN = slot('seen', 'pg_snapshot')
const TARGET = slot('target', 'pg_snapshot')

/**
 * Slots: seen, target, last. Each row begins with the snapshot at the end of the batch, and the number of events that the page could have;
 * without events there is one row.
 */
const READ: Statement = {
  name: 'events.read',
  sql: sql`
with n as materialized (select coalesce(${TARGET}, pg_current_snapshot()) as snap)
select n.snap::text, e.* from n left join lateral (
  select s.found, s.id, s.entity, s.happening, s.row_id, s.version,
    to_char(s.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, s.after::text, s.before::text, s.input::text
  from (
    select p.*, count(*) over () as found, sum(p.size) over (order by p.id) - p.size as earlier from (
      select u.*, coalesce(pg_column_size(u.after), 0) + coalesce(pg_column_size(u.before), 0) as size from (
        select * from ${EVENTS} where xid >= pg_snapshot_xmax(${SEEN}) and xid < pg_snapshot_xmax(n.snap) and pg_visible_in_snapshot(xid, n.snap)
        union all
        select * from ${EVENTS} where xid = any (array(select pg_snapshot_xip(${SEEN}))) and pg_visible_in_snapshot(xid, n.snap)
      ) u
      where u.id > ${slot('last', 'bigint')} order by u.id limit ${numberLiteral(PAGE_EVENTS)}
    ) p
  ) s
  where s.earlier < ${numberLiteral(PAGE_BYTES)}
) e on true order by e.id`,
}

/** Reads the next page after a cursor. @throws the driver's error */
export async function readLog(
  run: (statement: Statement, values: Values) => Promise<readonly Row[]>,
  { seen, target, last }: Cursor,
): Promise<LogPage> {
  const rows = await run(READ, { seen, target, last })
  const end = rows[0]?.[0] ?? seen
  const events = rows.flatMap((row) => eventOf(row.slice(2)) ?? [])
  const found = Number(rows[0]?.[1] ?? 0)
  if (found < PAGE_EVENTS && events.length === found) return { events, cursor: { seen: end, target: null, last: '0' } }
  return { events, cursor: { seen, target: end, last: events.at(-1)?.id ?? last } }
}

/** The columns of an event: id, entity, happening, row_id, version, at, after, before, input. Null for a row without an event. */
export function eventOf([id, entity, happening, rowId, version, at, after, before, input]: Row): LoggedEvent | null {
  if (id === null || id === undefined) return null
  const text = (value: string | null | undefined): string => value ?? ''
  return {
    id,
    entity: text(entity),
    happening: text(happening),
    rowId: text(rowId),
    version: text(version),
    at: text(at),
    row: after ?? '{}',
    before: before ?? null,
    input: input ?? null,
  }
}
