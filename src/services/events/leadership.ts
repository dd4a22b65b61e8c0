/** One process at a time reads the log for all reactions. It holds a lease, which another process takes over when it ends. */

import { ident, literal, slot, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
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
  sql: sql`update ${CONSUMERS} set holder = ${HOLDER}, held_until = ${UNTIL}, fence = fence + 1
    where name = ${NAME} and (held_until is null or held_until < clock_timestamp() or holder = ${HOLDER})
    returning fence, seen, floor, target, last, until, pg_snapshot_xmax(seen) > pg_snapshot_xmax(pg_current_snapshot())`,
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

/**
 * Repairs the log of a restored dump: the transactions of another server have other ids. Events that were delivered get an id that every
 * snapshot has seen, the others that of this transaction, which the new cursor has not seen.
 */
const RENUMBER: Statement = {
  name: 'events.renumber',
  sql: sql`with changed as (
      update ${EVENTS} e set xid = case when pg_visible_in_snapshot(e.xid, c.seen) then '3'::xid8 else pg_current_xact_id() end
      from ${CONSUMERS} c where c.name = ${NAME})
    update ${CONSUMERS} set seen = pg_current_snapshot(), floor = 0, target = null, last = 0 where name = ${NAME} returning seen`,
}

/** The right to read the log. */
export interface Leadership {
  readonly cursor: Cursor
  /** Another one than that of any earlier lease. */
  readonly fence: string
  /** Stores the cursor and extends the lease. Gives the id of the transaction that has done so; null when another process has taken over. */
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
  const [fence, seen = null, floor = null, target = null, last = null, until = null, isFromElsewhere] = taken
  if (fence === null || fence === undefined) throw new Error('the lease has no fence')
  const batch = target === null ? null : { target, last: last ?? '0', until: until ?? '0' }
  const stored: Cursor = { seen: seen ?? NOTHING_SEEN, floor: floor ?? '0', batch }
  return {
    cursor: isFromElsewhere === 't' ? await renumbered(run) : stored,
    fence,
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

async function renumbered(run: Run): Promise<Cursor> {
  const [row] = await run(RENUMBER, {})
  return { seen: row?.[0] ?? NOTHING_SEEN, floor: '0', batch: null }
}
