/** Moments as text in SQL. */

import { type Sql, sql } from './sql.ts'

/** A `timestamptz` in ISO 8601, in UTC and with milliseconds. */
export function isoText(moment: Sql): Sql {
  return sql`to_char(${moment} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}
