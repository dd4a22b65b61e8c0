/** A clock that tests move, for schedules (`scheduleClock`): PostgreSQL's, with a difference that one row of a test's database has. */

import pg from 'pg'
import { sql } from '../../src/base/sql/sql.ts'

/** The clock, as schedules read it. */
export const MOVED_CLOCK = sql`(clock_timestamp() + (select by from public.moved_clock))`

/** The clock of a database. */
export interface MovableClock {
  /** Sets the clock. From then on it goes at its usual speed. */
  readonly move: (to: string) => Promise<void>
  readonly query: (text: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>
  readonly close: () => Promise<void>
}

/** Makes the clock of a database movable. */
export async function movableClock(url: string): Promise<MovableClock> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query("create table public.moved_clock (by interval not null); insert into public.moved_clock values ('0')")
  return {
    move: async (to) => {
      await client.query('update public.moved_clock set by = $1::timestamptz - clock_timestamp()', [to])
    },
    query: async (text, values = []) => (await client.query(text, [...values])).rows,
    close: () => client.end(),
  }
}
