/**
 * Empties the part of the log that the next day writes. A part is emptied as a whole, because deleting single rows would leave as many dead
 * ones. It has events of more than seven days ago.
 */

import { ident, numberLiteral, sql } from '../../base/sql/sql.ts'
import type { Runner, Statement } from '../../base/sql/statement.ts'
import { LOG_PARTS, SYSTEM_SCHEMA } from '../../model/database.ts'

/** The days for which events are kept, for replays. */
export const KEPT_DAYS = 7

const PARTS: readonly number[] = Array.from({ length: LOG_PARTS }, (_, i) => i)
const DAY = sql`extract(epoch from clock_timestamp())::bigint / 86400`

/** The number of the part for the next day. */
const NEXT: Statement = { name: 'events.next-part', sql: sql`select (${DAY} + 1) % ${numberLiteral(LOG_PARTS)}` }

const partOf = (part: number) => ident(SYSTEM_SCHEMA, `events_${part}`)

/** Whether a part has events that must stay: such as were not read, or are younger. No rows: it is empty. */
const STAYING: readonly Statement[] = PARTS.map((part) => ({
  name: 'events.staying',
  sql: sql`select exists (
      select from ${partOf(part)} e where e.at > now() - ${numberLiteral(KEPT_DAYS)} * interval '1 day'
        or e.xid >= (select min(pg_snapshot_xmin(c.seen)::text::numeric) from ${ident(SYSTEM_SCHEMA, 'event_consumers')} c)::text::xid8
    ) from (select from ${partOf(part)} limit 1) any_event`,
}))

/** No writer waits for longer: a long transaction only postpones the emptying. */
const BRIEFLY: Statement = { name: 'events.lock-timeout', sql: sql`select set_config('lock_timeout', '200ms', true)` }
const LOCK: readonly Statement[] = PARTS.map((part) => ({ name: 'events.lock-part', sql: sql`lock table ${partOf(part)}` }))
const EMPTY: readonly Statement[] = PARTS.map((part) => ({ name: 'events.empty-part', sql: sql`truncate ${partOf(part)}` }))

/** Empties the part for the next day, unless it is empty or has events that must stay. Without the lock it is tried again later. */
export async function emptyOldPart({ run, transaction }: Pick<Runner, 'run' | 'transaction'>): Promise<void> {
  const [next] = await run(NEXT, {})
  const part = Number(next?.[0])
  const [staying, lock, empty] = [STAYING[part], LOCK[part], EMPTY[part]]
  if (staying === undefined || lock === undefined || empty === undefined) return
  if (!mayGo(await run(staying, {}))) return
  await transaction(async (within) => {
    await within.run(BRIEFLY, {})
    await within.run(lock, {})
    if (mayGo(await within.run(staying, {}))) await within.run(empty, {})
  }).catch(ifBusy)
}

function mayGo([row]: readonly (readonly (string | null)[])[]): boolean {
  return row?.[0] === 'f'
}

/** @throws the error, unless it says that the lock could not be had. */
function ifBusy(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === '55P03')) throw error
}
