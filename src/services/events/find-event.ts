/** Finds an event of the log by its number. */

import { slot, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import type { LoggedEvent } from './delivery.ts'
import { EVENTS, eventColumns, eventOf } from './log-columns.ts'

const FIND: Statement = {
  name: 'events.find',
  sql: sql`select ${eventColumns('e', 'id')} from ${EVENTS} e where e.id = ${slot('id', 'bigint')}`,
}

/** The event; null for one that the log does not have, because it is older than seven days. @throws the driver's error */
export async function findEvent(run: Run, id: string): Promise<LoggedEvent | null> {
  const [row] = await run(FIND, { id })
  return row === undefined ? null : eventOf(row)
}
