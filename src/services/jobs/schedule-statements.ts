/**
 * The statements of schedules. PostgreSQL's clock alone decides whether a time has come, and one statement both moves the time and adds the
 * run, so that each time is taken once, by the process that comes first.
 *
 * A row of the table is a schedule with its times (expression and time zone). While versions of a design run side by side, a name may have
 * several rows. The youngest one of which a process runs has the name; the others add no runs for times after it began.
 */

import { isoText } from '../../base/sql/iso-text.ts'
import { ident, numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import { JOBS_TABLE } from '../../compile/statements/job-row.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'

/** The table of schedules. */
export const SCHEDULES = ident(SYSTEM_SCHEMA, 'schedule_times')

/** PostgreSQL's clock. Tests give schedules another one, which they can move. */
export const POSTGRES_CLOCK: Sql = sql`clock_timestamp()`

/** How long the row of a schedule stays that no process confirms. */
const KEPT = sql`interval '1 day'`

/** The statements of schedules by one clock. */
export interface ScheduleStatements {
  /** Row: the time in milliseconds since 1970. */
  readonly now: Statement
  /**
   * Writes the schedules of a design, and that a process with them runs. Times that come back after others had their name begin with the
   * next one, and are the youngest if no process with the others runs. Slots: names, crons, zones, nexts, gone_ms: a row that no process
   * has confirmed for this time has none.
   */
  readonly declare: Statement
  /** Deletes schedules of other versions of the design that no process has confirmed for a day. Slots: names, crons, zones, nexts. */
  readonly forget: Statement
  /** Rows: name, next time and now, both in milliseconds since 1970, of schedules with a further time. Slots: as `forget`. */
  readonly read: Statement
  /**
   * Takes a time of a schedule: moves it to the next one and adds the runs, unless younger times have the name. `payload` is the input of
   * the runs as JSON, over `d.at`, the time of the run. Slots: name, cron, time_zone, planned, next, kind, dues, key, gone_ms. Rows: one,
   * with the number of added runs, null if the times are replaced; none when another process has taken the time, or it has not come.
   */
  readonly take: (payload: Sql) => Statement
}

const GONE = sql`${slot('gone_ms', 'bigint')} * interval '1 millisecond'`

/** The schedules of a design. */
const OWN = sql`unnest(${slot('names', 'text[]')}, ${slot('crons', 'text[]')}, ${slot('zones', 'text[]')}, ${slot('nexts', 'timestamptz[]')})
    as k (name, cron, time_zone, next_at)`

/** The statements of schedules. `clock` is an expression of type `timestamptz`. */
export function scheduleStatements(clock: Sql): ScheduleStatements {
  const nowMs = sql`floor(extract(epoch from ${clock}) * 1000)::bigint`
  return {
    now: { name: 'schedules.now', sql: sql`select ${nowMs}` },
    declare: {
      name: 'schedules.declare',
      sql: sql`insert into ${SCHEDULES} as s (name, cron, time_zone, next_at, since, seen_at)
      select name, cron, time_zone, next_at, ${clock}, ${clock} from ${OWN} order by name
      on conflict (name, cron, time_zone) do update set seen_at = excluded.seen_at,
        next_at = case when exists (select from ${SCHEDULES} o where o.name = s.name and o.seen_at > s.seen_at + ${GONE})
          then excluded.next_at else s.next_at end,
        since = case when s.seen_at < excluded.seen_at - ${GONE} and not exists (select from ${SCHEDULES} o
            where o.name = s.name and (o.cron, o.time_zone) <> (s.cron, s.time_zone) and o.seen_at >= excluded.seen_at - ${GONE})
          then excluded.since else s.since end`,
    },
    forget: {
      name: 'schedules.forget',
      sql: sql`delete from ${SCHEDULES} s where seen_at < ${clock} - ${KEPT}
      and not exists (select from ${OWN} where k.name = s.name and k.cron = s.cron and k.time_zone = s.time_zone)`,
    },
    read: {
      name: 'schedules.read',
      sql: sql`select s.name, floor(extract(epoch from s.next_at) * 1000)::bigint, ${nowMs} from ${SCHEDULES} s
      join ${OWN} on k.name = s.name and k.cron = s.cron and k.time_zone = s.time_zone where s.next_at is not null`,
    },
    take: (payload) => takeStatement(clock, payload),
  }
}

function takeStatement(clock: Sql, payload: Sql): Statement {
  const next = slot('next', 'timestamptz')
  // Whether younger times have the name of the schedule at its next time.
  const replaced = sql`exists (select from ${SCHEDULES} o where o.name = s.name and o.since > s.since and o.since <= s.next_at
        and o.seen_at >= ${clock} - ${GONE})`
  return {
    name: 'schedules.take',
    sql: sql`with due as (
      select s.name, s.cron, s.time_zone, ${replaced} as replaced from ${SCHEDULES} s
      where s.name = ${slot('name', 'text')} and s.cron = ${slot('cron', 'text')} and s.time_zone = ${slot('time_zone', 'text')}
        and date_trunc('milliseconds', s.next_at) = ${slot('planned', 'timestamptz')} and s.next_at <= ${clock} for update),
    taken as (
      update ${SCHEDULES} s set next_at = ${next}, last_at = case when d.replaced then s.last_at else s.next_at end
      from due d where s.name = d.name and s.cron = d.cron and s.time_zone = d.time_zone returning d.replaced),
    added as (
      insert into ${JOBS_TABLE} (kind, payload, due_at, unique_key)
      select ${slot('kind', 'text')}, ${payload}, d.at, ${slot('key', 'text')}
      from taken, unnest(${slot('dues', 'timestamptz[]')}) with ordinality d(at, place) where not taken.replaced order by d.place
      on conflict (kind, unique_key) where worker is null and unique_key is not null do nothing returning 1)
    select case when not replaced then (select count(*) from added) end from taken`,
  }
}

/** Rows: the schedules by name, each with its youngest times: name, cron, time zone, next and last time, and whether a process has them. */
export function listStatement(goneMs: number): Statement {
  const isSeen = sql`seen_at >= clock_timestamp() - ${numberLiteral(goneMs)} * interval '1 millisecond'`
  return {
    name: 'schedules.list',
    sql: sql`select name, cron, time_zone, ${isoText(sql`next_at`)}, ${isoText(sql`last_at`)}, seen from (
      select distinct on (name) s.*, ${isSeen} as seen from ${SCHEDULES} s order by name, ${isSeen} desc, since desc) s order by name`,
  }
}
