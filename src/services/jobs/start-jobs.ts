/** Starts what runs jobs in one process: a worker, and the scheduler if the design has schedules. */

import type { Job, Schedule } from '../../model/job.ts'
import { type SchedulerOptions, startScheduler } from './scheduler.ts'
import { startWorker, type Worker, type WorkerOptions } from './worker.ts'
import { WORKER_TIMES } from './worker-times.ts'

/** What runs jobs. */
export interface JobsOptions extends Omit<WorkerOptions, 'jobs'>, Pick<SchedulerOptions, 'inputOf' | 'clock'> {
  /** The jobs that this process runs. */
  readonly jobs: readonly Job[]
  readonly schedules: readonly Schedule[]
}

/** Starts a worker and the scheduler. The scheduler of each process may add the runs; PostgreSQL lets one of them do it. */
export function startJobs(options: JobsOptions): Worker {
  const { schedules, inputOf, clock, runner, observe, times = WORKER_TIMES } = options
  const worker = startWorker(options)
  if (schedules.length === 0) return worker
  const { lookMs } = times
  const scheduler = startScheduler({ run: runner.run, schedules, inputOf, clock, lookMs, observe, onAdded: worker.wake })
  return {
    wake: worker.wake,
    async stop(drainMs) {
      await scheduler.stop()
      await worker.stop(drainMs)
    },
  }
}
