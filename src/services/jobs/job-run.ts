/** One run of a job, and how it may fail. */

import type { Run } from '../../base/sql/statement.ts'
import type { Job } from '../../model/job.ts'
import type { LeasedJob } from './leased-job.ts'

/** One run of a job, for the function that does the work. */
export interface JobRun {
  readonly job: Job
  readonly leased: LeasedJob
  /** Aborted when the run takes too long, or the worker stops. */
  readonly signal: AbortSignal
  /**
   * Deletes the job as done. In a transaction, its writes and the end of the job are committed together. @throws LostJobError when the job
   * was given to another worker.
   */
  readonly complete: (run: Run) => Promise<void>
}

/** The job of a run was given to another worker. */
export class LostJobError extends Error {
  override readonly name = 'LostJobError'
}

/** A failure that no repetition mends: the job is dead at once. */
export class FinalJobError extends Error {
  override readonly name = 'FinalJobError'
}

const NOTE_MAX = 2_000

/** What went wrong, for operators: the note of a failure, which clients never see, or the message of an error. */
export function noteOf(error: unknown): string {
  const note = typeof error === 'object' && error !== null && 'note' in error && typeof error.note === 'string' ? error.note : null
  const text = note ?? (error instanceof Error ? `${error.name}: ${error.message}` : String(error))
  return text.replaceAll('\u0000', '').slice(0, NOTE_MAX)
}
