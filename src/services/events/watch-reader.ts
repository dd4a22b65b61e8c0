/** Notices that no process reads the log: its events then wait, and no part of it is ever emptied. */

import { ident, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'
import type { EventsObservation } from './observation.ts'

/** Milliseconds between two looks. */
export const WATCH_MS = 60_000
/** It is said when so many looks in a row have found no reader: one that restarts is none for a moment. */
const LOOKS = 2
/** It is said again after so many further looks. */
const AGAIN = 10

/** No row: events wait, and no process holds the lease. */
const UNREAD: Statement = {
  name: 'events.has-reader',
  sql: sql`select 1 where exists (select from ${ident(SYSTEM_SCHEMA, 'event_consumers')} where held_until > clock_timestamp())
    or not exists (select from ${ident(SYSTEM_SCHEMA, 'events')})`,
}

/** Looks again and again whether some process reads the log. @returns the function that ends it. */
export function watchReader(run: Run, observe: (observation: EventsObservation) => void, everyMs: number = WATCH_MS): () => void {
  let missing = 0
  const look = async (): Promise<void> => {
    const isRead = (await run(UNREAD, {})).length > 0
    missing = isRead ? 0 : missing + 1
    if (missing >= LOOKS && (missing - LOOKS) % AGAIN === 0) observe({ kind: 'no-reader' })
  }
  // Without a database, requests fail too, and say so.
  const timer = setInterval(() => void look().catch(() => {}), everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
