/**
 * A worker: leases jobs and runs them. A job whose worker has not renewed its lease for 10 s runs again in another one. Such jobs are
 * leased before all others, and only by workers that begin them at once, so that the wait of a job for its next run is bounded: by the
 * lease, the look for ended workers, the look for jobs, and the end of one running job.
 */

import type { Job } from '../../model/job.ts'
import { failHeld, giveBack, type HeldJob, type HoldOptions, runHeld } from './held-job.ts'
import type { JobRun } from './job-run.ts'
import { noteOf } from './job-run.ts'
import { type LeaseRoom, type LeaseRunner, openLeasing } from './lease.ts'
import type { JobObservation } from './observation.ts'
import { beginLease, type WorkerLease } from './worker-lease.ts'
import { WORKER_TIMES, type WorkerTimes } from './worker-times.ts'

/** The most jobs that a worker leases ahead. */
const MOST_AHEAD = 500

/** What a worker needs. */
export interface WorkerOptions {
  readonly runner: LeaseRunner
  readonly jobs: readonly Job[]
  /** How many jobs this worker runs at the same time. */
  readonly concurrency: number
  /** Does the work and completes the run. */
  readonly perform: (run: JobRun) => Promise<void>
  readonly newId: () => string
  readonly random: () => number
  readonly observe: (observation: JobObservation) => void
  readonly times?: WorkerTimes | undefined
}

/** A running worker. */
export interface Worker {
  /** Looks for jobs at once, because one was added. */
  readonly wake: () => void
  /** Takes no more jobs, and waits for the running ones. Those that run longer are aborted and given back. */
  readonly stop: (drainMs: number) => Promise<void>
}

/** A job that runs. */
interface Running {
  readonly held: HeldJob
  readonly abort: AbortController
  /** Given back, or of a worker that has lost its lease: how it ends no longer matters. */
  abandoned: boolean
}

/** Starts a worker. */
export function startWorker(options: WorkerOptions): Worker {
  const worker = new WorkerState(options)
  return { wake: () => worker.pump(), stop: (drainMs) => worker.stop(drainMs) }
}

class WorkerState {
  readonly #options: WorkerOptions
  readonly #times: WorkerTimes
  readonly #jobs: ReadonlyMap<string, Job>
  readonly #leasing: ReturnType<typeof openLeasing>
  readonly #holding: HoldOptions
  readonly #lease: WorkerLease
  readonly #running = new Set<Running>()
  readonly #ended = new Set<Promise<void>>()
  #waiting: HeldJob[] = []
  /** Those that were waiting at the last renewal. */
  #waited: ReadonlySet<HeldJob> = new Set()
  #usualMs: number
  /** When this worker last leased jobs only to begin them at once. */
  #lookedAt = Number.NEGATIVE_INFINITY
  #pumping: Promise<void> | null = null
  #again = false
  #stopping = false
  #poll: NodeJS.Timeout | undefined

  constructor(options: WorkerOptions) {
    const { runner, jobs, perform, random, newId, observe, times = WORKER_TIMES } = options
    this.#options = options
    this.#times = times
    this.#usualMs = times.aheadMs
    this.#jobs = new Map(jobs.map((job) => [job.kind, job]))
    this.#leasing = openLeasing(runner, jobs, () => performance.now())
    const isHeld = ({ worker }: HeldJob): boolean => !this.#stopping && this.#lease.id() === worker
    this.#holding = { run: runner.run, times, perform, random, observe, isHeld }
    this.#lease = beginLease({
      ...{ runner, times, newId, observe },
      onRenewed: () => this.#renewed(),
      onOver: () => this.#abandon(),
      onRescued: () => {
        this.#lookedAt = Number.NEGATIVE_INFINITY
        this.pump()
      },
    })
  }

  /** Leases jobs and starts them, until there is no room or no job. One at a time; a call in between makes it look once more. */
  pump(): void {
    this.#again = true
    if (this.#pumping !== null || this.#stopping) return
    clearTimeout(this.#poll)
    this.#pumping = this.#take()
      .catch((error: unknown) => this.#options.observe({ kind: 'trouble', what: 'lease', note: noteOf(error) }))
      .finally(() => {
        this.#pumping = null
        if (!this.#stopping) this.#poll = setTimeout(() => this.pump(), this.#times.pollMs)
      })
  }

  async #take(): Promise<void> {
    for (let worker = this.#lease.id(); this.#again && !this.#stopping && worker !== null; worker = this.#lease.id()) {
      this.#again = false
      const room = this.#room()
      if (room.now + room.ahead === 0) return
      if (room.ahead === 0) this.#lookedAt = performance.now()
      const held = worker
      const leased = await this.#leasing.take(held, room)
      for (const one of leased) {
        const job = this.#jobs.get(one.kind)
        if (job !== undefined) this.#waiting.push({ job, leased: one, worker: held })
      }
      if (leased.length > 0) {
        this.#waiting.sort((a, b) => b.job.priority - a.job.priority)
        this.#again = true
      }
      this.#startWaiting()
    }
  }

  #room(): LeaseRoom {
    const free = this.#options.concurrency - this.#running.size - this.#waiting.length
    const now = Math.max(0, free)
    return { now, ahead: Math.max(0, free + this.#ahead()) - now }
  }

  /**
   * How many jobs are leased besides those that can begin at once: as many as end in a short time. None when it is time to look for jobs
   * that are not leased ahead: the worker then leases when the jobs that it has ahead have begun.
   */
  #ahead(): number {
    const { concurrency } = this.#options
    if (performance.now() - this.#lookedAt >= this.#times.pollMs) return 0
    return Math.min(MOST_AHEAD, Math.floor((concurrency * this.#times.aheadMs) / Math.max(0.1, this.#usualMs)))
  }

  #startWaiting(): void {
    while (!this.#stopping && this.#running.size < this.#options.concurrency) {
      const held = this.#waiting.shift()
      if (held === undefined) return
      const ended = this.#runOne(held).finally(() => this.#ended.delete(ended))
      this.#ended.add(ended)
    }
  }

  async #runOne(held: HeldJob): Promise<void> {
    const running: Running = { held, abort: new AbortController(), abandoned: false }
    this.#running.add(running)
    const began = performance.now()
    const error = await runHeld(held, running.abort, this.#holding)
    this.#running.delete(running)
    this.#usualMs = 0.9 * this.#usualMs + 0.1 * (performance.now() - began)
    running.abort.abort()
    if (error !== null && !running.abandoned) await failHeld(held, error, this.#holding)
    this.#startWaiting()
    if (this.#waiting.length * 2 <= this.#ahead()) this.pump()
  }

  /** Gives jobs back that did not begin between two renewals, because long jobs run: other workers may have room. Leases none ahead. */
  async #renewed(): Promise<void> {
    const waited = this.#waiting.filter((held) => this.#waited.has(held))
    this.#waiting = this.#waiting.filter((held) => !this.#waited.has(held))
    this.#waited = new Set(this.#waiting)
    if (waited.length > 0) this.#usualMs = Math.max(this.#usualMs, this.#options.concurrency * this.#times.aheadMs + 1)
    this.#waiting.push(...(await giveBack(waited, this.#options.runner.run)))
    this.pump()
  }

  /** Forgets all jobs: others run them. */
  #abandon(): void {
    this.#waiting = []
    for (const running of this.#running) {
      running.abandoned = true
      running.abort.abort()
    }
  }

  async stop(drainMs: number): Promise<void> {
    const { run } = this.#options.runner
    this.#stopping = true
    clearTimeout(this.#poll)
    await this.#pumping
    await giveBack(this.#waiting.splice(0), run)
    if (this.#ended.size > 0) {
      const over = new AbortController()
      const drained = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, drainMs)
        over.signal.addEventListener('abort', () => clearTimeout(timer))
      })
      await Promise.race([Promise.allSettled(this.#ended), drained])
      over.abort()
    }
    const left = [...this.#running]
    for (const running of left) running.abandoned = true
    await giveBack(
      left.map(({ held }) => held),
      run,
    )
    for (const { abort } of left) abort.abort()
    await this.#lease.end()
  }
}
