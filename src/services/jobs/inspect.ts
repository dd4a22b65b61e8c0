/** Reads jobs for operators, and runs dead jobs again or deletes them. */

import { isoText } from '../../base/sql/iso-text.ts'
import { ident, slot, sql } from '../../base/sql/sql.ts'
import type { Row, Run, Statement } from '../../base/sql/statement.ts'
import { JOBS_TABLE } from '../../compile/statements/job-row.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'
import { JOB_STATES, type JobState } from './job-states.ts'
import { listStatement } from './schedule-statements.ts'
import { LOOKS_UNTIL_GONE } from './scheduler.ts'
import { WORKER_TIMES } from './worker-times.ts'

const DEAD = ident(SYSTEM_SCHEMA, 'dead_jobs')

/** The numbers of jobs of one kind. */
export interface JobCounts {
  readonly job: string
  readonly waiting: number
  readonly running: number
  readonly dead: number
  /** When the first waiting one may run, in ISO 8601; null when none waits. */
  readonly next: string | null
}

/** A schedule. Times are in ISO 8601. */
export interface ScheduleState {
  readonly schedule: string
  readonly cron: string
  readonly timeZone: string
  readonly next: string | null
  readonly last: string | null
  /** Whether a process that runs schedules has had it in the last minutes. */
  readonly isSeen: boolean
}

/** A job. Times are in ISO 8601. */
export interface JobRecord {
  readonly id: string
  readonly job: string
  readonly state: JobState
  readonly attempt: number
  readonly addedAt: string
  /** When it may run, or died. */
  readonly at: string
  readonly caller: string | null
  readonly error: string | null
  /** Its input as JSON. */
  readonly input: string
}

const COUNTS: Statement = {
  name: 'jobs.counts',
  sql: sql`select kind, sum(waiting), sum(running), sum(dead), ${isoText(sql`min(next)`)} from (
      select kind, count(*) filter (where worker is null) as waiting, count(worker) as running, 0 as dead, nullif(min(greatest(run_at, added_at)) filter (where worker is null), 'infinity') as next
      from ${JOBS_TABLE} group by kind
      union all select kind, 0, 0, count(*), null from ${DEAD} group by kind) c group by kind order by kind`,
}

const ALL_SCHEDULES = listStatement(WORKER_TIMES.lookMs * LOOKS_UNTIL_GONE)

const RECORDS = sql`select * from (
    select id, kind, case when worker is null then 'waiting' else 'running' end as state, attempt, added_at, greatest(nullif(run_at, 'infinity'), added_at) as at, caller, error, payload from ${JOBS_TABLE}
    union all select id, kind, 'dead', attempt, added_at, died_at, caller, error, payload from ${DEAD}) j`
const SHOWN = sql`select id, kind, state, attempt, ${isoText(sql`added_at`)}, ${isoText(sql`at`)}, caller, error, payload from (${RECORDS}) j`

const LIST: Statement = {
  name: 'jobs.list',
  sql: sql`${SHOWN} where (${slot('state', 'text')} is null or state = ${slot('state', 'text')})
    and (${slot('kind', 'text')} is null or kind = ${slot('kind', 'text')}) order by at, id limit ${slot('limit', 'integer')}`,
}

const SHOW: Statement = { name: 'jobs.show', sql: sql`${SHOWN} where id = ${slot('id', 'bigint')}` }

/** The dead jobs with these ids; all dead ones of a kind; or all dead ones. */
const CHOSEN = sql`(id = any (${slot('ids', 'bigint[]')}) or (${slot('kind', 'text')} is not null and kind = ${slot('kind', 'text')}) or ${slot('all', 'boolean')})`

const RETRY_DEAD: Statement = {
  name: 'jobs.retry-dead',
  sql: sql`with gone as (delete from ${DEAD} where ${CHOSEN} returning *)
    insert into ${JOBS_TABLE} (id, kind, payload, caller, due_at, added_at, error)
    select id, kind, payload, caller, due_at, added_at, error from gone order by id returning id`,
}

/** A job whose worker has ended is the first to run already. */
const RETRY_WAITING: Statement = {
  name: 'jobs.retry-waiting',
  sql: sql`update ${JOBS_TABLE} set run_at = least(run_at, now()), attempt = 0 where id = any (${slot('ids', 'bigint[]')}) and worker is null
    returning id`,
}

const DISCARD_DEAD: Statement = { name: 'jobs.discard-dead', sql: sql`delete from ${DEAD} where ${CHOSEN} returning id` }

const DISCARD_WAITING: Statement = {
  name: 'jobs.discard-waiting',
  sql: sql`delete from ${JOBS_TABLE} where id = any (${slot('ids', 'bigint[]')}) and worker is null returning id`,
}

/** The numbers of jobs, by kind. */
export async function countJobs(run: Run): Promise<readonly JobCounts[]> {
  return (await run(COUNTS, {})).map(([job, waiting, running, dead, next]) => ({
    job: job ?? '',
    waiting: Number(waiting),
    running: Number(running),
    dead: Number(dead),
    next: next ?? null,
  }))
}

/** The schedules that processes have declared, each with the times that have its name. */
export async function listSchedules(run: Run): Promise<readonly ScheduleState[]> {
  return (await run(ALL_SCHEDULES, {})).map(([schedule, cron, timeZone, next, last, seen]) => ({
    schedule: schedule ?? '',
    cron: cron ?? '',
    timeZone: timeZone ?? '',
    next: next ?? null,
    last: last ?? null,
    isSeen: seen === 't',
  }))
}

/** Jobs in one state and of one kind, or all; in the order of their times. */
export async function listJobs(
  run: Run,
  { state, job, limit }: { readonly state: JobState | null; readonly job: string | null; readonly limit: number },
): Promise<readonly JobRecord[]> {
  return (await run(LIST, { state, kind: job, limit })).map(recordOf)
}

/** A job; null when there is none with the id, for example because it is done. */
export async function showJob(run: Run, id: string): Promise<JobRecord | null> {
  const [row] = await run(SHOW, { id })
  return row === undefined ? null : recordOf(row)
}

/** Which dead jobs: those with these ids, all of one kind, or all. */
export type DeadJobs = { readonly ids: readonly string[] } | { readonly job: string } | 'all'

/** Runs dead jobs at once, and waiting ones that are named by their ids, with all of their attempts. @returns the ids of them. */
export async function retryJobs(run: Run, which: DeadJobs): Promise<readonly string[]> {
  const waiting = which === 'all' || 'job' in which ? [] : idsOf(await run(RETRY_WAITING, { ids: arrayLiteral(which.ids) }))
  return [...waiting, ...idsOf(await run(RETRY_DEAD, chosen(which)))]
}

/** Deletes dead jobs, and waiting ones that are named by their ids. @returns the ids of the deleted ones. */
export async function discardJobs(run: Run, which: DeadJobs): Promise<readonly string[]> {
  const dead = idsOf(await run(DISCARD_DEAD, chosen(which)))
  if (which === 'all' || 'job' in which) return dead
  return [...dead, ...idsOf(await run(DISCARD_WAITING, { ids: arrayLiteral(which.ids) }))]
}

function chosen(which: DeadJobs): Parameters<Run>[1] {
  if (which === 'all') return { ids: '{}', kind: null, all: true }
  return 'ids' in which ? { ids: arrayLiteral(which.ids), kind: null, all: false } : { ids: '{}', kind: which.job, all: false }
}

function idsOf(rows: readonly Row[]): readonly string[] {
  return rows.map(([id]) => id ?? '')
}

function recordOf(row: Row): JobRecord {
  const [id, job, state, attempt, addedAt, at, caller, error, input] = row
  return {
    id: id ?? '',
    job: job ?? '',
    state: JOB_STATES.find((one) => one === state) ?? 'waiting',
    attempt: Number(attempt),
    addedAt: addedAt ?? '',
    at: at ?? '',
    caller: caller ?? null,
    error: error ?? null,
    input: input ?? '{}',
  }
}
