/**
 * The statements of schedules. PostgreSQL's clock alone decides whether a time has come, and one statement both moves the time and adds the
 * run, so that each time is taken once, by whichever process comes first.
 */

import { ident, slot, sql } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import { JOBS_TABLE } from '../../compile/statements/job-row.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'

const SCHEDULES = ident(SYSTEM_SCHEMA, 'schedules')

const NAME = slot('name', 'text')
const CRON = slot('cron', 'text')
const ZONE = slot('time_zone', 'text')
const NEXT = slot('next', 'timestamptz')

/** The moment of PostgreSQL's clock, in milliseconds since 1970. */
const NOW_MS = sql`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`

/** Row: the time of PostgreSQL's clock in milliseconds since 1970. */
export const NOW: Statement = { name: 'schedules.now', sql: sql`select ${NOW_MS}` }

/** Writes a schedule of the design, unless it is there with the same times. Slots: name, cron, time_zone, next. */
export const DECLARE: Statement = {
  name: 'schedules.declare',
  sql: sql`insert into ${SCHEDULES} as s (name, cron, time_zone, next_at) values (${NAME}, ${CRON}, ${ZONE}, ${NEXT})
    on conflict (name) do update set cron = excluded.cron, time_zone = excluded.time_zone, next_at = excluded.next_at
    where s.cron <> excluded.cron or s.time_zone <> excluded.time_zone`,
}

/** Deletes schedules that the design no longer has. Slot: names. */
export const FORGET: Statement = {
  name: 'schedules.forget',
  sql: sql`delete from ${SCHEDULES} where name <> all (${slot('names', 'text[]')})`,
}

/** Rows: name, cron, time zone, next time and the current time, both in milliseconds since 1970. Slot: names. */
export const READ: Statement = {
  name: 'schedules.read',
  sql: sql`select name, cron, time_zone, floor(extract(epoch from next_at) * 1000)::bigint, ${NOW_MS} from ${SCHEDULES}
    where name = any (${slot('names', 'text[]')})`,
}

/**
 * Takes a time of a schedule: moves it to the next one and adds the runs. Slots: name, cron, time_zone, planned, next, kind, dues, key.
 * Rows: one, with the number of added runs; none when another process has taken the time, or it has not come.
 */
export const TAKE: Statement = {
  name: 'schedules.take',
  sql: sql`with taken as (
      update ${SCHEDULES} set next_at = ${NEXT}, last_at = next_at
      where name = ${NAME} and cron = ${CRON} and time_zone = ${ZONE} and date_trunc('milliseconds', next_at) = ${slot('planned', 'timestamptz')}
        and next_at <= clock_timestamp()
      returning 1),
    added as (
      insert into ${JOBS_TABLE} (kind, payload, due_at, unique_key)
      select ${slot('kind', 'text')}, '{}', d.at, ${slot('key', 'text')} from taken, unnest(${slot('dues', 'timestamptz[]')}) with ordinality d(at, place)
      order by d.place
      on conflict (kind, unique_key) where worker is null and unique_key is not null do nothing returning 1)
    select (select count(*) from added) from taken`,
}
