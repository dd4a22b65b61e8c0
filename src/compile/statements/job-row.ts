/** The row of a job, for the statements that add one: that of code, and those of the step `enqueue`. */

import { ident, literal, numberLiteral, type Sql, sql } from '../../base/sql/sql.ts'
import { DEPTH_SETTING, SYSTEM_SCHEMA } from '../../model/database.ts'
import { JOB_BEGINS_ANEW_MS } from '../../model/job.ts'

/** The table of jobs that wait or run. */
export const JOBS_TABLE = ident(SYSTEM_SCHEMA, 'jobs')

/** The values of new jobs, as expressions over `from`. */
export interface NewJobs {
  readonly kind: Sql
  /** The input: JSON as text. */
  readonly payload: Sql
  /** The id of the account as text. */
  readonly caller: Sql
  /** The moment of the first run. */
  readonly at: Sql
  /** The names of the inputs under `unique`, a `text[]`; null for none. */
  readonly unique: Sql
  /** With its order. */
  readonly from: Sql
}

/**
 * The depth of the transaction. A job that waits for a minute or longer has none: a slow loop is no load, and may be intended. The clock is
 * that of the beginning of the statement, so that a delay of exactly this time is long enough.
 */
const depthSql = (at: Sql): Sql =>
  sql`case when ${at} < statement_timestamp() + ${numberLiteral(JOB_BEGINS_ANEW_MS)} * interval '1 millisecond' then nullif(current_setting(${literal(DEPTH_SETTING)}, true), '')::smallint end`

/** The insert of jobs. It returns the id of each new one; a job with `unique` is left out while an equal one waits. */
export function insertJobs({ kind, payload, caller, at, unique, from }: NewJobs): Sql {
  // An input that was not given counts as null.
  const values = sql`select jsonb_agg(coalesce(${payload}::jsonb -> u.name, 'null') order by u.place) from unnest(${unique}) with ordinality u(name, place)`
  const hash = sql`encode(sha256(convert_to(coalesce((${values}), '[]')::text, 'UTF8')), 'hex')`
  return sql`insert into ${JOBS_TABLE} (kind, payload, caller, run_at, due_at, unique_key, depth)
    select ${kind}, ${payload}, ${caller}, ${at}, ${at}, case when ${unique} is not null then ${hash} end, ${depthSql(at)} from ${from}
    on conflict (kind, unique_key) where worker is null and unique_key is not null do nothing returning id`
}
