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
