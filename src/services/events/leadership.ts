/** One process at a time reads the log for all reactions. It holds a lease, which another process takes over when it ends. */

import { ident, literal, slot, sql } from '../../base/sql/sql.ts'
import type { Row, Run, Statement } from '../../base/sql/statement.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'
import { type Cursor, type Mark, NOTHING_SEEN } from './cursor.ts'

/** Milliseconds after which another process may take over, unless a test says otherwise. */
export const LEASE_MS = 10_000

const CONSUMERS = ident(SYSTEM_SCHEMA, 'event_consumers')
const EVENTS = ident(SYSTEM_SCHEMA, 'events')
const NAME = sql`'reactions'`
const HOLDER = slot('holder', 'uuid')
const FENCE = slot('fence', 'bigint')
const UNTIL = sql`clock_timestamp() + ${slot('lease', 'interval')}`

/** A new cursor has seen nothing, so it begins with the first event of the log. */
const CREATE: Statement = {
  name: 'events.create-cursor',
  sql: sql`insert into ${CONSUMERS} (name, seen) values (${NAME}, ${literal(NOTHING_SEEN)}) on conflict do nothing`,
}

const TAKE: Statement = {
  name: 'events.take-lease',
  sql: sql`update ${CONSUMERS} set holder = ${HOLDER}, held_until = ${UNTIL}, fence = fence + (holder = ${HOLDER} is not true)::int, crashed = holder <> ${HOLDER} is true
    where name = ${NAME} and (held_until is null or held_until < clock_timestamp() or holder = ${HOLDER})
    returning fence, seen, floor, target, last, until, pg_snapshot_xmax(seen) > pg_snapshot_xmax(pg_current_snapshot()), crashed`,
}

const SAVE: Statement = {
  name: 'events.save-cursor',
  sql: sql`update ${CONSUMERS} set seen = ${slot('seen', 'pg_snapshot')}, floor = ${slot('floor', 'bigint')},
      target = ${slot('target', 'pg_snapshot')}, last = ${slot('last', 'bigint')}, until = ${slot('until', 'bigint')}, held_until = ${UNTIL}
    where name = ${NAME} and fence = ${FENCE} returning pg_current_xact_id()`,
}

/** Extends the lease alone: the cursor that another statement has stored meanwhile stays, and so does the release of the lease. */
const EXTEND: Statement = {
  name: 'events.extend-lease',
  sql: sql`update ${CONSUMERS} set held_until = ${UNTIL} where name = ${NAME} and fence = ${FENCE} and holder is not null returning fence`,
}

/** A row while the lease with this fence (a slot) is held. The lock makes a process that takes over wait for the transaction to end. */
export const HELD_LEASE = sql`select from ${CONSUMERS} where name = ${NAME} and fence = ${FENCE} for share`

const RELEASE: Statement = {
  name: 'events.release-lease',
  sql: sql`update ${CONSUMERS} set held_until = null, holder = null where name = ${NAME} and fence = ${FENCE}`,
}

/** An id of a transaction that every snapshot has seen. */
const LONG_AGO = sql`'3'::xid8`
/** Events that were written since the restore have numbers above the floor, and ids of transactions that say nothing. */
const WAS_DELIVERED = sql`pg_visible_in_snapshot(e.xid, c.seen) and e.id <= c.floor`
const BEYOND = slot('beyond', 'xid8')

/**
 * Gives that id to some delivered events of transactions with ids above the given one. Gives the highest of these ids. A log of many
 * millions of events is repaired in several statements, each within its time limit.
 */
const RENUMBER_DELIVERED: Statement = {
  name: 'events.renumber-delivered',
  sql: sql`with chunk as materialized (select s.xid as last from (
      select e.xid from ${EVENTS} e where e.xid > ${BEYOND} order by e.xid limit 20000) s order by s.xid desc limit 1),
    changed as (update ${EVENTS} e set xid = ${LONG_AGO} from chunk, ${CONSUMERS} c
      where e.xid > ${BEYOND} and e.xid <= chunk.last and c.name = ${NAME} and ${WAS_DELIVERED})
    select last from chunk`,
}

/**
 * Repairs the rest of the log of a restored dump: events that were not delivered get the id of this transaction, which the new cursor has
 * not seen.
 */
const RENUMBER: Statement = {
  name: 'events.renumber',
  sql: sql`with changed as (
      update ${EVENTS} e set xid = pg_current_xact_id() from ${CONSUMERS} c
      where c.name = ${NAME} and e.xid > ${LONG_AGO} and not (${WAS_DELIVERED}))
    update ${CONSUMERS} set seen = pg_current_snapshot(), floor = 0, target = null, last = 0 where name = ${NAME} returning seen`,
}

/** The right to read the log. */
export interface Leadership {
  readonly cursor: Cursor
  /** Another one than that of the lease of any other process. */
  readonly fence: string
  /** Whether the process before has not released the lease: it was killed, or has lost its database. */
  readonly afterCrash: boolean
  /** Stores the cursor and extends the lease. Gives the id of its transaction; null when another process has taken over. */
  readonly save: (cursor: Cursor) => Promise<Mark['xid'] | null>
  /** Extends the lease. False when another process has taken over. */
  readonly extend: () => Promise<boolean>
  readonly release: () => Promise<void>
}

/** Takes the lease; null when another process has it. @throws the driver's error */
export async function takeLeadership(
  run: Run,
  { holder, leaseMs }: { readonly holder: string; readonly leaseMs: number },
): Promise<Leadership | null> {
  const lease = `${leaseMs} milliseconds`
  await run(CREATE, {})
  const [taken] = await run(TAKE, { holder, lease })
  if (taken === undefined) return null
  const [fence, seen = null, floor = null, target = null, last = null, until = null, isFromElsewhere, crashed] = taken
  if (fence === null || fence === undefined) throw new Error('the lease has no fence')
  const batch = target === null ? null : { target, last: last ?? '0', until: until ?? '0' }
  const stored: Cursor = { seen: seen ?? NOTHING_SEEN, floor: floor ?? '0', batch }
  return {
    cursor: isFromElsewhere === 't' ? await renumbered(run) : stored,
    fence,
    afterCrash: crashed === 't',
    async save({ seen, floor, batch }) {
      const { target, last, until } = batch ?? { target: null, last: '0', until: '0' }
      const [saved] = await run(SAVE, { seen, floor, target, last, until, fence, lease })
      return saved?.[0] ?? null
    },
    async extend() {
      const extended = await run(EXTEND, { fence, lease })
      return extended.length > 0
    },
    async release() {
      await run(RELEASE, { fence })
    },
  }
}

/** Repairs the log of a restored dump: the transactions of another server have other ids. */
async function renumbered(run: Run): Promise<Cursor> {
  let beyond: string | null = '3'
  while (beyond !== null) {
    const rows: readonly Row[] = await run(RENUMBER_DELIVERED, { beyond })
    beyond = rows[0]?.[0] ?? null
  }
  const [row] = await run(RENUMBER, {})
  return { seen: row?.[0] ?? NOTHING_SEEN, floor: '0', batch: null }
}
