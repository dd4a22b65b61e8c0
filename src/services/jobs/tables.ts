/** The tables of jobs and schedules, in the schema `plinth`. They are migrated like the tables of a design. */

import type { Column, Table, TableIndex } from '../../model/database.ts'

/** The columns that a job and a dead job have. */
const JOB_COLUMNS: readonly Column[] = [
  required('kind', 'text'),
  // The input as JSON, as it was given.
  required('payload', 'text'),
  // The id of the account that added the job; null if nobody was signed in, and for schedules.
  optional('caller', 'text'),
  // When it should have run first.
  withDefault('due_at', 'timestamp with time zone', 'now()'),
  withDefault('added_at', 'timestamp with time zone', 'now()'),
  withDefault('attempt', 'integer', '0'),
  // Why the last attempt failed.
  optional('error', 'text'),
]

/** Jobs that wait or run. A job is deleted when it is done, by the transaction of its own writes if it has one. */
const JOBS_TABLE: Table = {
  name: 'jobs',
  columns: [
    { ...required('id', 'bigint'), identity: true },
    ...JOB_COLUMNS,
    // Not run before this moment.
    withDefault('run_at', 'timestamp with time zone', 'now()'),
    // The worker that has it; null while it waits.
    optional('worker', 'uuid'),
    // A hash of the inputs whose values no two waiting jobs of the kind share.
    optional('unique_key', 'text'),
    // How many reactions and jobs are between it and the request that began them; null for none.
    optional('depth', 'smallint'),
    // Jobs of the kind with the same one run one after the other. Those behind another one have the run_at infinity.
    optional('chain', 'text'),
  ],
  constraints: [{ kind: 'primary-key', name: 'jobs_pkey', columns: ['id'] }],
  indexes: [
    partial('jobs_waiting_idx', ['kind', 'run_at', 'id'], '(worker IS NULL)'),
    partial('jobs_worker_idx', ['worker'], '(worker IS NOT NULL)'),
    partial('jobs_chain_idx', ['kind', 'chain', 'id'], '(chain IS NOT NULL)'),
    { ...partial('jobs_unique_key', ['kind', 'unique_key'], '((worker IS NULL) AND (unique_key IS NOT NULL))'), unique: true },
  ],
}

/** Jobs that failed as often as they may. They stay until a person runs them again or discards them. */
const DEAD_JOBS: Table = {
  name: 'dead_jobs',
  columns: [required('id', 'bigint'), ...JOB_COLUMNS, withDefault('died_at', 'timestamp with time zone', 'now()')],
  constraints: [{ kind: 'primary-key', name: 'dead_jobs_pkey', columns: ['id'] }],
  indexes: [],
}

/** One row for each running worker. Jobs of a worker that is no longer here may be run by others. */
const WORKERS: Table = {
  name: 'workers',
  columns: [required('id', 'uuid'), required('lease_until', 'timestamp with time zone')],
  constraints: [{ kind: 'primary-key', name: 'workers_pkey', columns: ['id'] }],
  indexes: [],
}

/**
 * One row for each schedule and each of its times: two versions of a design may run side by side. The worker that moves `next_at` adds the
 * run.
 */
const SCHEDULES: Table = {
  name: 'schedule_times',
  columns: [
    required('name', 'text'),
    required('cron', 'text'),
    required('time_zone', 'text'),
    // Null when there is no further time.
    optional('next_at', 'timestamp with time zone'),
    optional('last_at', 'timestamp with time zone'),
    // When the first process of a version with these times began.
    withDefault('since', 'timestamp with time zone', 'clock_timestamp()'),
    // When a process of such a version was seen last.
    withDefault('seen_at', 'timestamp with time zone', 'clock_timestamp()'),
  ],
  constraints: [{ kind: 'primary-key', name: 'schedule_times_pkey', columns: ['name', 'cron', 'time_zone'] }],
  indexes: [],
}

/** The tables of the service, for the schema `plinth`. */
export const jobTables: readonly Table[] = [JOBS_TABLE, DEAD_JOBS, WORKERS, SCHEDULES]

function partial(name: string, parts: readonly string[], where: string): TableIndex {
  return { name, method: 'btree', parts, unique: false, where }
}

function required(name: string, type: string): Column {
  return { name, type, nullable: false, default: null, generated: null, identity: false }
}

function optional(name: string, type: string): Column {
  return { ...required(name, type), nullable: true }
}

function withDefault(name: string, type: string, value: string): Column {
  return { ...required(name, type), default: value }
}
