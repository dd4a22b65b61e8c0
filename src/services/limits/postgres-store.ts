/** Counts in PostgreSQL, for backends without Redis. */

import { ident, slot, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'
import { LIMIT_WINDOW_MS, type LimitStore } from './limit-store.ts'

const USES = ident(SYSTEM_SCHEMA, 'limit_uses')

/** The clock is that of the database, so that all instances agree about the end of a window. */
const ADD: Statement = {
  name: 'limits.add',
  sql: sql`insert into ${USES} as u (key, used, ends_at)
    values (${slot('key', 'text')}, ${slot('points', 'bigint')}, clock_timestamp() + ${slot('window', 'integer')} * interval '1 millisecond')
    on conflict (key) do update set
      used = case when u.ends_at <= clock_timestamp() then excluded.used else u.used + excluded.used end,
      ends_at = case when u.ends_at <= clock_timestamp() then excluded.ends_at else u.ends_at end
    returning u.used, ceil(extract(epoch from u.ends_at - clock_timestamp()) * 1000)`,
}

const SWEEP: Statement = {
  name: 'limits.sweep',
  sql: sql`with gone as (
      delete from ${USES} where ctid = any (array(select ctid from ${USES} where ends_at <= now() limit 1000 for update skip locked)) returning 1)
    select count(*) from gone`,
}

/** Opens the store. @param run sends a statement over a connection that is not for requests. */
export function openPostgresStore(run: Run): LimitStore {
  return {
    name: 'postgres',
    async add(key, points) {
      const [[used, leftMs] = []] = await run(ADD, { key, points, window: LIMIT_WINDOW_MS })
      return { used: Number(used), leftMs: Math.max(0, Number(leftMs)) }
    },
    close: () => {},
  }
}

/** Deletes windows that have ended, at most 1,000 in one call. Returns how many. */
export async function sweepUses(run: Run): Promise<number> {
  const [[count] = []] = await run(SWEEP, {})
  return Number(count)
}
