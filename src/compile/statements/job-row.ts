/** The row of a job, for the statements that add one: that of code, and those of the step `enqueue`. */

import { ident, type Sql, sql } from '../../base/sql/sql.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'

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

/** The insert of jobs. It returns the id of each new one; a job with `unique` is left out while an equal one waits. */
export function insertJobs({ kind, payload, caller, at, unique, from }: NewJobs): Sql {
  // An input that was not given counts as null.
  const values = sql`select jsonb_agg(coalesce(${payload}::jsonb -> u.name, 'null') order by u.place) from unnest(${unique}) with ordinality u(name, place)`
  const hash = sql`encode(sha256(convert_to(coalesce((${values}), '[]')::text, 'UTF8')), 'hex')`
  return sql`insert into ${JOBS_TABLE} (kind, payload, caller, run_at, due_at, unique_key)
    select ${kind}, ${payload}, ${caller}, ${at}, ${at}, case when ${unique} is not null then ${hash} end from ${from}
    on conflict (kind, unique_key) where worker is null and unique_key is not null do nothing returning id`
}
