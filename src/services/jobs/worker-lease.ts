/**
 * The lease of a worker, and the rescue of jobs whose worker has ended. Both have a rhythm of their own: a rescue that takes long delays no
 * renewal. Only PostgreSQL's clock decides whether a lease is over.
 */

import type { Runner } from '../../base/sql/statement.ts'
import { noteOf } from './job-run.ts'
import type { JobObservation } from './observation.ts'
import { BEAT, BEGIN_WORKER, END_WORKER, RESCUE } from './statements.ts'
import type { WorkerTimes } from './worker-times.ts'

/** What the lease of a worker needs. */
export interface WorkerLeaseOptions {
  readonly runner: Pick<Runner, 'run'>
  readonly times: Pick<WorkerTimes, 'leaseMs' | 'beatMs' | 'rescueMs'>
  readonly newId: () => string
  readonly observe: (observation: JobObservation) => void
  /** Called after each renewal, and when the worker begins. */
  readonly onRenewed: () => Promise<void>
  /** Called when others may have taken the jobs of this worker. */
  readonly onOver: () => void
  /** Called when jobs wait again, because their worker has ended. */
  readonly onRescued: () => void
}

/** The lease of a running worker. */
export interface WorkerLease {
  /** The id under which the worker leases jobs; null while it has no lease. */
  readonly id: () => string | null
  /** Ends the lease. The jobs that the worker still has wait again. */
  readonly end: () => Promise<void>
}

/** Begins the lease of a worker, renews it, and looks for workers that have ended. */
export function beginLease(options: WorkerLeaseOptions): WorkerLease {
  const { runner, times, newId, observe } = options
  const lease = { lease_ms: times.leaseMs }
  let id: string | null = null
  const renew = async (): Promise<void> => {
    if (id !== null && (await runner.run(BEAT, { worker: id, ...lease })).length === 0) {
      id = null
      options.onOver()
      observe({ kind: 'lease-over' })
    }
    if (id === null) {
      const worker = newId()
      await runner.run(BEGIN_WORKER, { worker, ...lease })
      id = worker
    }
    await options.onRenewed()
  }
  const rescue = async (): Promise<void> => {
    const [[count] = []] = await runner.run(RESCUE, {})
    if (Number(count) === 0) return
    observe({ kind: 'rescued', jobs: Number(count) })
    options.onRescued()
  }
  const reported = (what: string, work: () => Promise<void>) => () =>
    work().catch((error: unknown) => observe({ kind: 'trouble', what, note: noteOf(error) }))
  const stops = [every(times.beatMs, reported('lease of the worker', renew)), every(times.rescueMs, reported('rescue', rescue))]
  return {
    id: () => id,
    async end() {
      await Promise.all(stops.map((stop) => stop()))
      if (id !== null) await reported('end', async () => void (await runner.run(END_WORKER, { worker: id })))()
    },
  }
}

/** Runs work at once and then every `ms`; a time at which it still runs is left out. Returns the function that stops it. */
function every(ms: number, work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null
  const begin = (): void => {
    running ??= work().finally(() => {
      running = null
    })
  }
  const timer = setInterval(begin, ms)
  begin()
  return async () => {
    clearInterval(timer)
    await running
  }
}
