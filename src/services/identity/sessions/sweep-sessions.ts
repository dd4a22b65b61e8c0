/** Deletes expired sessions and expired counts of attempts to sign in. */

import { ident, slot, sql } from '../../../base/sql/sql.ts'
import type { Run, Statement } from '../../../base/sql/statement.ts'
import { SYSTEM_SCHEMA } from '../../../model/database.ts'
import { timestampText } from '../../postgres-text.ts'

const SESSIONS = ident(SYSTEM_SCHEMA, 'sessions')
const ATTEMPTS = ident(SYSTEM_SCHEMA, 'login_attempts')
const NOW = slot('now', 'timestamptz')

const EXPIRED_SESSIONS = sql`delete from ${SESSIONS}
  where id in (select id from ${SESSIONS} where idle_expires_at <= ${NOW} limit 2000 for update skip locked) returning 1`

const EXPIRED_ATTEMPTS = sql`delete from ${ATTEMPTS}
  where login_hash in (select login_hash from ${ATTEMPTS} where window_ends_at <= ${NOW} limit 2000 for update skip locked) returning 1`

/** Deletes at most 2,000 rows of each table, so that no statement locks many rows. Skips rows that another instance is deleting. */
const SWEEP: Statement = {
  name: 'session.sweep',
  sql: sql`with s as (${EXPIRED_SESSIONS}), a as (${EXPIRED_ATTEMPTS}) select (select count(*) from s) + (select count(*) from a)`,
}

/** Deletes some rows that have expired by `now` (milliseconds since 1970). @returns the number of deleted rows. */
export async function sweepSessions({ run, now }: { readonly run: Run; readonly now: () => number }): Promise<number> {
  const [row] = await run(SWEEP, { now: timestampText(now()) })
  return Number(row?.[0] ?? 0)
}
