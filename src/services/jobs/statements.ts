/**
 * The statements of jobs. A worker leases jobs: it writes its id into them. A job belongs to the worker until it is done, or until the
 * worker is deleted, because its lease is over. Every statement that ends a run compares worker and attempt (the fence), so that a worker
 * whose jobs were given to others changes nothing.
 */

import { ident, literal, slot, sql } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import { insertJobs, JOBS_TABLE } from '../../compile/statements/job-row.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'

const DEAD = ident(SYSTEM_SCHEMA, 'dead_jobs')
const WORKERS = ident(SYSTEM_SCHEMA, 'workers')

const WORKER = slot('worker', 'uuid')
const ID = slot('id', 'bigint')
const KIND = slot('kind', 'text')

/** The run that a statement ends: of this worker, and no other attempt. */
const FENCE = sql`j.id = ${ID} and j.worker = ${WORKER} and j.attempt = ${slot('attempt', 'integer')}`

/** Adds a job. Slots: kind, payload, caller, at (null for now), delay_ms, unique. Row: its id; none when an equal one waits. */
export const ADD: Statement = {
  name: 'jobs.add',
  sql: insertJobs({
    kind: KIND,
    payload: slot('payload', 'text'),
    caller: slot('caller', 'text'),
    at: sql`w.at`,
    unique: slot('unique', 'text[]'),
    from: sql`(select coalesce(${slot('at', 'timestamptz')}, clock_timestamp() + ${slot('delay_ms', 'bigint')} * interval '1 millisecond') as at) w`,
  }),
}

/** Begins a worker. Slots: worker, lease_ms. */
export const BEGIN_WORKER: Statement = {
  name: 'jobs.begin-worker',
  sql: sql`insert into ${WORKERS} (id, lease_until) values (${WORKER}, now() + ${slot('lease_ms', 'integer')} * interval '1 millisecond')`,
}

/** Renews the lease of a worker. Slots: worker, lease_ms. No row when the worker was deleted. */
export const BEAT: Statement = {
  name: 'jobs.beat',
  sql: sql`update ${WORKERS} set lease_until = now() + ${slot('lease_ms', 'integer')} * interval '1 millisecond' where id = ${WORKER} returning 1`,
}

/** Ends a worker. Its jobs wait again. Slot: worker. */
export const END_WORKER: Statement = {
  name: 'jobs.end-worker',
  sql: sql`delete from ${WORKERS} where id = ${WORKER}`,
}

/**
 * What returns to the waiting jobs keeps its unique key, unless a waiting job has the same one by now, or an older one returns with it.
 * `j` is the returning job.
 */
const KEY_LEFT = sql`case when j.unique_key is null or exists (
    select from ${JOBS_TABLE} o where o.kind = j.kind and o.unique_key = j.unique_key and o.id <> j.id and (o.worker is null or o.id < j.id)
  ) then null else j.unique_key end`

/** The time of jobs whose worker has ended: before that of all others. */
export const RESCUED_AT = '-infinity'

/**
 * Deletes workers whose lease is over, and lets their jobs wait again, before all others. Rows: how many jobs. Also frees jobs of workers
 * that are not there any more. It waits for no lock: a job whose row is locked is freed by a later call.
 */
export const RESCUE: Statement = {
  name: 'jobs.rescue',
  sql: sql`with gone as (
      delete from ${WORKERS} where id in (select id from ${WORKERS} where lease_until < now() for update skip locked) returning id),
    lost as (
      select l.id from ${JOBS_TABLE} l where l.worker is not null
      and (l.worker in (select id from gone) or not exists (select from ${WORKERS} w where w.id = l.worker)) for update skip locked),
    freed as (
      update ${JOBS_TABLE} j set worker = null, unique_key = ${KEY_LEFT}, run_at = ${literal(RESCUED_AT)}, error = 'its worker ended while it ran'
      where id in (select id from lost) returning 1)
    select count(*) from freed`,
}

const ROOM = slot('room', 'integer')

/**
 * Leases jobs of kinds without a limit of their own, from ranges of their times. `kinds` are in the order in which they are served; each
 * range begins at a floor (`ats`, `ids`), because index entries of jobs that are done would make it slow. Slots: worker, room, kinds, ats,
 * ids, untils. Rows: see `leasedJob`.
 */
export const LEASE: Statement = {
  name: 'jobs.lease',
  sql: sql`with alive as materialized (select id from ${WORKERS} where id = ${WORKER} for key share),
    picked as materialized (
      select p.at from unnest(${slot('kinds', 'text[]')}, ${slot('ats', 'timestamptz[]')}, ${slot('ids', 'bigint[]')}, ${slot('untils', 'timestamptz[]')})
        k(kind, run_at, id, until)
      cross join lateral (
        select j.ctid as at from ${JOBS_TABLE} j where j.worker is null and j.kind = k.kind and j.run_at <= least(k.until, now())
        and (j.run_at, j.id) >= (k.run_at, k.id) and exists (select from alive) order by j.run_at, j.id limit ${ROOM} for update skip locked) p
      limit ${ROOM})
    update ${JOBS_TABLE} j set worker = ${WORKER}, attempt = attempt + 1 where ctid = any (array(select at from picked))
    returning j.id, j.kind, j.attempt, j.payload, j.caller, j.due_at, j.run_at, j.depth, j.chain`,
}

/** Kinds of which jobs are due. Slot: kinds. Rows: kind. */
export const DUE_KINDS: Statement = {
  name: 'jobs.due-kinds',
  sql: sql`select k.kind from unnest(${slot('kinds', 'text[]')}) k(kind)
    where exists (select from ${JOBS_TABLE} j where j.worker is null and j.kind = k.kind and j.run_at <= now())`,
}

/** Locks the leasing of one kind until the transaction ends, for `LEASE_LIMITED`, which must see what others have leased. Slot: kind. */
export const LOCK_KIND: Statement = {
  name: 'jobs.lock-kind',
  sql: sql`select pg_advisory_xact_lock(hashtextextended(${KIND}, 7406021))`,
}

/** Leases jobs of one kind, of which at most `most` run at the same time. Slots: worker, room, kind, most. Rows: see `leasedJob`. */
export const LEASE_LIMITED: Statement = {
  name: 'jobs.lease-limited',
  sql: sql`with alive as materialized (select id from ${WORKERS} where id = ${WORKER} for key share),
    free as (select greatest(0, least(${ROOM}, ${slot('most', 'integer')} - count(*))) as n from ${JOBS_TABLE} where worker is not null and kind = ${KIND}),
    picked as materialized (
      select j.ctid as at from ${JOBS_TABLE} j where j.worker is null and j.kind = ${KIND} and j.run_at <= now() and exists (select from alive)
      order by j.run_at, j.id limit (select n from free) for update skip locked)
    update ${JOBS_TABLE} j set worker = ${WORKER}, attempt = attempt + 1 where ctid = any (array(select at from picked))
    returning j.id, j.kind, j.attempt, j.payload, j.caller, j.due_at, j.run_at, j.depth, j.chain`,
}

/** Completes a run: deletes its job. Slots: id, worker, attempt. No row when the job belongs to another worker by now. */
export const COMPLETE: Statement = {
  name: 'jobs.complete',
  sql: sql`delete from ${JOBS_TABLE} j where ${FENCE} returning 1`,
}

/** Makes the job due that waits for this one, which has ended. Slots: id, kind, chain. */
export const NEXT: Statement = {
  name: 'jobs.next',
  sql: sql`update ${JOBS_TABLE} set run_at = clock_timestamp() where worker is null and run_at = 'infinity' and id = (
    select n.id from ${JOBS_TABLE} n where n.kind = ${KIND} and n.chain = ${slot('chain', 'text')} and n.id > ${ID} order by n.id limit 1)`,
}

/** Lets a failed job wait for its next attempt. Slots: id, worker, attempt, error, pause_ms. */
export const RETRY: Statement = {
  name: 'jobs.retry',
  sql: sql`update ${JOBS_TABLE} j set worker = null, unique_key = ${KEY_LEFT}, error = ${slot('error', 'text')},
    run_at = now() + ${slot('pause_ms', 'bigint')} * interval '1 millisecond' where ${FENCE} returning 1`,
}

/** Moves a job that failed for the last time to the dead jobs. Slots: id, worker, attempt, ran (its attempts that began), error. */
export const BURY: Statement = {
  name: 'jobs.bury',
  sql: sql`with gone as (delete from ${JOBS_TABLE} j where ${FENCE} returning j.*)
    insert into ${DEAD} (id, kind, payload, caller, due_at, added_at, attempt, error)
    select id, kind, payload, caller, due_at, added_at, ${slot('ran', 'integer')}, ${slot('error', 'text')} from gone returning 1`,
}

/** Gives a leased job back as if it had not been leased. Slots: id, worker, attempt. */
export const RELEASE: Statement = {
  name: 'jobs.release',
  sql: sql`update ${JOBS_TABLE} j set worker = null, unique_key = ${KEY_LEFT}, attempt = attempt - 1 where ${FENCE}`,
}
