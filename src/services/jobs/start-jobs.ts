/** Starts what runs jobs in one process: a worker, and the scheduler if the design has schedules. */

import type { Job, Schedule } from '../../model/job.ts'
import { startScheduler } from './scheduler.ts'
import { startWorker, type Worker, type WorkerOptions } from './worker.ts'

/** What runs jobs. */
export interface JobsOptions extends Omit<WorkerOptions, 'jobs'> {
  /** The jobs that this process runs. */
  readonly jobs: readonly Job[]
  readonly schedules: readonly Schedule[]
}

/** Starts a worker and the scheduler. The scheduler of each process may add the runs; PostgreSQL lets one of them do it. */
export function startJobs(options: JobsOptions): Worker {
  const { schedules, runner, observe } = options
  const worker = startWorker(options)
  if (schedules.length === 0) return worker
  const scheduler = startScheduler({ run: runner.run, schedules, observe, onAdded: worker.wake })
  return {
    wake: worker.wake,
    async stop(drainMs) {
      await scheduler.stop()
      await worker.stop(drainMs)
    },
  }
}
