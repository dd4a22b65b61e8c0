/** Reads a large batch of the log in pages, over the index of the numbers of events. A page costs the same wherever it is in the batch. */

import { numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
import type { Row, Statement, Values } from '../../base/sql/statement.ts'
import { type Cursor, type LargeBatch, largest } from './cursor.ts'
import type { LoggedEvent } from './delivery.ts'
import { EVENTS, eventColumns, eventOf, HAS_WAITING, PAGE_BYTES, PAGE_EVENTS, SIZE } from './log-columns.ts'

/** A page looks at events with at most so many numbers: between two events of the batch may be many that are not in it. */
const NUMBERS = 50_000

const SEEN = slot('seen', 'pg_snapshot')
const TARGET = slot('target', 'pg_snapshot')
const LAST = slot('last', 'bigint')
/** The larger of `last` and the floor. */
const FROM = slot('from', 'bigint')
const UNTIL = slot('until', 'bigint')

/**
 * The events of transactions that ran at `seen`. Their numbers may be lower than the floor, so each transaction is looked up. The pairs are
 * compared as a whole, so that only the index of both columns serves them: that of the numbers has the events of all transactions.
 */
const ofRunning = (columns: Sql, below: Sql, most: number): Sql => sql`
    select f.* from pg_snapshot_xip(${SEEN}) as ran (xid) cross join lateral (
      select ${columns} from ${EVENTS} e where (e.xid, e.id) > (ran.xid, ${LAST}) and (e.xid, e.id) < (ran.xid, ${below})
      order by e.xid, e.id limit ${numberLiteral(most)}
    ) f where pg_visible_in_snapshot(ran.xid, ${TARGET})`

/**
 * Each row begins with the number from which the page looks (null at the end of the batch), whether any event waits, and the number of
 * events that the page could have. Without events there is one row. The condition on `xid` is written so that no index serves it: that of
 * the numbers gives the order.
 */
const PAGE: Statement = {
  name: 'events.read-page',
  sql: sql`
with base as materialized (select least(
    (select e.id from ${EVENTS} e where e.id > ${FROM} and e.id <= ${UNTIL} order by e.id limit 1),
    (select min(r.id) from (${ofRunning(sql`e.id`, sql`${UNTIL} + 1`, 1)}) r)) as id)
select b.id, ${HAS_WAITING}, p.found, ${eventColumns('p', 'id')}
from base b left join lateral (
  select c.*, count(*) over () as found, sum(c.size) over (order by c.id) - c.size as earlier from (
    select u.* from (
      (select e.*, ${SIZE} as size from ${EVENTS} e
        where e.id > ${FROM} and e.id >= b.id and e.id < b.id + ${numberLiteral(NUMBERS)} and e.id <= ${UNTIL}
          and (e.xid >= pg_snapshot_xmax(${SEEN})) is true and pg_visible_in_snapshot(e.xid, ${TARGET})
        order by e.id limit ${numberLiteral(PAGE_EVENTS)})
      union all
      (${ofRunning(sql`e.*, ${SIZE} as size`, sql`least(b.id + ${numberLiteral(NUMBERS)}, ${UNTIL} + 1)`, PAGE_EVENTS)})
    ) u order by u.id limit ${numberLiteral(PAGE_EVENTS)}
  ) c
) p on p.earlier < ${numberLiteral(PAGE_BYTES)} order by p.id`,
}

/**
 * Reads the next page of a batch. `last` is the number up to which the batch was read then; null at its end.
 *
 * @throws the driver's error
 */
export async function readPage(
  run: (statement: Statement, values: Values) => Promise<readonly Row[]>,
  { seen, floor, batch }: Pick<Cursor, 'seen' | 'floor'> & { readonly batch: LargeBatch },
): Promise<{ readonly events: readonly LoggedEvent[]; readonly last: string | null; readonly hasWaiting: boolean }> {
  const { target, last, until } = batch
  const rows = await run(PAGE, { seen, target, last, from: largest(last, floor), until })
  const [base = null, waiting, found] = rows[0] ?? []
  const hasWaiting = waiting === 't'
  if (base === null) return { events: [], last: null, hasWaiting }
  const events = rows.flatMap((row) => eventOf(row.slice(3)) ?? [])
  const isWhole = events.length < PAGE_EVENTS && events.length === Number(found ?? 0)
  return { events, last: isWhole ? String(BigInt(base) + BigInt(NUMBERS - 1)) : (events.at(-1)?.id ?? last), hasWaiting }
}
