/** A job that a worker has: its run, and how it ends. */

import type { Run, Statement } from '../../base/sql/statement.ts'
import type { Job } from '../../model/job.ts'
import { pauseAfter } from './backoff.ts'
import { FinalJobError, type JobRun, LostJobError, noteOf } from './job-run.ts'
import type { LeasedJob } from './leased-job.ts'
import type { JobObservation } from './observation.ts'
import { BURY, COMPLETE, NEXT, RELEASE, RETRY } from './statements.ts'
import type { WorkerTimes } from './worker-times.ts'

/** A leased job and the worker that has it. */
export interface HeldJob {
  readonly job: Job
  readonly leased: LeasedJob
  readonly worker: string
}

/** What running a job needs. */
export interface HoldOptions {
  readonly run: Run
  readonly times: Pick<WorkerTimes, 'graceMs' | 'againMs'>
  /** Does the work and completes the run. */
  readonly perform: (run: JobRun) => Promise<void>
  readonly random: () => number
  readonly observe: (observation: JobObservation) => void
  /** Whether the job still belongs to the worker, as far as this process knows. */
  readonly isHeld: (held: HeldJob) => boolean
}

/** Runs a job; null when it is done, otherwise why it failed. An error that the code of a design did not catch ends the run alone. */
export async function runHeld(held: HeldJob, abort: AbortController, { times, perform }: HoldOptions): Promise<unknown> {
  const { job, leased, worker } = held
  // It has ended the process of its worker as often as it may fail.
  if (leased.attempt > job.retry.attempts)
    return new FinalJobError(`its worker ended while it ran, at each of ${job.retry.attempts} attempts`)
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    abort.abort()
    late.reject(new Error(`did not end within ${job.timeoutMs} ms`))
  }, job.timeoutMs + times.graceMs)
  try {
    const complete = async (run: Run): Promise<void> => {
      const [done] = await run(COMPLETE, { id: leased.id, worker, attempt: leased.attempt })
      if (done === undefined) throw new LostJobError(`job ${leased.id} was given to another worker`)
      await releaseNext(leased, run)
    }
    await Promise.race([perform({ job, leased, signal: abort.signal, complete }), late.promise])
    return null
  } catch (error) {
    return error ?? new Error('failed without an error')
  } finally {
    clearTimeout(timer)
  }
}

/** Lets a failed job wait for its next attempt, or moves it to the dead jobs. */
export async function failHeld(held: HeldJob, error: unknown, options: HoldOptions): Promise<void> {
  const { job, leased, worker } = held
  const { id, attempt } = leased
  // The lease after the last attempt begins none: it moves a job, at each of whose attempts the worker ended, to the dead ones.
  const ran = Math.min(attempt, job.retry.attempts)
  const about = { job: job.kind, id, attempt: ran }
  if (error instanceof LostJobError) return options.observe({ kind: 'lost', ...about })
  const isFinal = error instanceof FinalJobError || attempt >= job.retry.attempts
  const pauseMs = isFinal ? null : pauseAfter(attempt, job.retry, options.random)
  const note = noteOf(error)
  const values = { id, worker, attempt, ran, error: note, pause_ms: pauseMs }
  if (!(await persist(held, isFinal ? BURY : RETRY, { ...options, values }))) return
  options.observe({ kind: 'failed', ...about, pauseMs, note })
  // The receiver of messages releases what this misses.
  if (isFinal) await releaseNext(leased, options.run).catch(() => {})
}

/** Makes the next job of a chain due. */
async function releaseNext({ id, kind, chain }: LeasedJob, run: Run): Promise<void> {
  if (chain !== null) await run(NEXT, { id, kind, chain })
}

/** Runs a statement until it succeeds or the job is not held any more. Without it the job would belong to a worker that does not run it. */
async function persist(
  held: HeldJob,
  statement: Statement,
  { run, times, observe, isHeld, values }: HoldOptions & { readonly values: Parameters<Run>[1] },
): Promise<boolean> {
  for (;;) {
    try {
      return (await run(statement, values)).length > 0
    } catch (error) {
      observe({ kind: 'trouble', what: statement.name, note: noteOf(error) })
      if (!isHeld(held)) return false
      await new Promise((resolve) => setTimeout(resolve, times.againMs))
    }
  }
}

/** Gives jobs back, as if they had not been leased. Returns those for which it failed: they still belong to the worker. */
export async function giveBack(all: readonly HeldJob[], run: Run): Promise<readonly HeldJob[]> {
  const ended = await Promise.allSettled(all.map(({ worker, leased: { id, attempt } }) => run(RELEASE, { id, worker, attempt })))
  return all.filter((_, i) => ended[i]?.status === 'rejected')
}
