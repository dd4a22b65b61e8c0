/** Opens what runs the jobs of a backend in this process. */

import { randomUUID } from 'node:crypto'
import { type Sql, sql } from '../../base/sql/sql.ts'
import { scheduleInputSql } from '../../compile/actions/later-steps.ts'
import { allJobs } from '../../model/job.ts'
import type { Model } from '../../model/model.ts'
import type { Executor } from '../../postgres/executor/execute.ts'
import { startJobs } from '../../services/jobs/start-jobs.ts'
import type { Worker, WorkerOptions } from '../../services/jobs/worker.ts'
import type { Observe } from '../http/observe.ts'
import type { Stack } from '../run/stack.ts'
import { runJob } from './run-job.ts'

/** How many jobs a process runs at the same time, unless its settings say otherwise. */
export const JOB_CONCURRENCY = 10

/**
 * The settings of the connections of the worker. A plan that PostgreSQL makes while the tables of jobs are empty would read them whole for
 * ever after.
 */
export const ENGINE_SETTINGS = { enable_seqscan: 'off', enable_bitmapscan: 'off' } as const

/** The timeout of one statement of a job, in milliseconds. */
export const JOB_STATEMENT_MS = 60_000

/** What running jobs needs. */
export interface OpenJobs {
  readonly model: Model
  /** A stack whose executor is for jobs alone. */
  readonly stack: Stack
  /** Runs the statements of the worker itself, over connections of their own: a renewal of the lease waits for no job. */
  readonly engine: Executor
  readonly concurrency: number
  /** The queues whose jobs run here; null for all. */
  readonly queues: readonly string[] | null
  readonly times: WorkerOptions['times']
  /** The clock of schedules, as an expression of type `timestamptz`. */
  readonly clock: Sql
  readonly observe: Observe
}

/** Whether a design has work that workers run. */
export function hasWork({ jobs, schedules }: Model): boolean {
  return jobs.length + schedules.length > 0
}

/** Starts a worker for the jobs of a design, and its schedules. */
export function openJobs({ model, stack, engine, concurrency, queues, times, clock, observe }: OpenJobs): Worker {
  const jobs = allJobs(model).filter(({ queue }) => queues === null || queues.includes(queue))
  return startJobs({
    runner: engine,
    jobs,
    schedules: model.schedules,
    inputOf: (schedule) => scheduleInputSql(model, schedule, sql`d.at`),
    clock,
    concurrency,
    perform: (run) => runJob(stack, run),
    newId: randomUUID,
    random: Math.random,
    ...(times === undefined ? {} : { times }),
    observe: (of) => observe({ kind: 'job', of }),
  })
}
