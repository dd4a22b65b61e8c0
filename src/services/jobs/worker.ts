/**
 * A worker: leases jobs, runs them, and renews its lease. A job whose worker has not renewed its lease for 10 s runs again in another one.
 * Only PostgreSQL's clock decides about times.
 */

import type { Run } from '../../base/sql/statement.ts'
import type { Job } from '../../model/job.ts'
import { pauseAfter } from './backoff.ts'
import { FinalJobError, type JobRun, LostJobError, noteOf } from './job-run.ts'
import { type LeaseRunner, openLeasing } from './lease.ts'
import type { LeasedJob } from './leased-job.ts'
import type { JobObservation } from './observation.ts'
import { BEAT, BEGIN_WORKER, BURY, COMPLETE, END_WORKER, RELEASE, RESCUE, RETRY } from './statements.ts'

/** The times of workers, in milliseconds. */
export const WORKER_TIMES = {
  /** How long a lease lasts. */
  leaseMs: 10_000,
  /** Between two renewals. Each one also looks for workers whose lease is over. */
  beatMs: 3_000,
  /** Between two looks for jobs that other processes have added. */
  pollMs: 250,
  /** Jobs are leased ahead for about this long. */
  aheadMs: 200,
  /** After its timeout, a run has this time to end by itself. */
  graceMs: 1_000,
  /** Before a statement that failed is tried again. */
  againMs: 1_000,
} as const

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
  readonly times?: Readonly<Record<keyof typeof WORKER_TIMES, number>> | undefined
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
  readonly held: Held
  readonly abort: AbortController
  /** Given back, or of a worker that has lost its lease: how it ends no longer matters. */
  abandoned: boolean
}

/** A leased job and the worker that has it. */
interface Held {
  readonly job: Job
  readonly leased: LeasedJob
  readonly worker: string
}

/** Starts a worker. */
export function startWorker(options: WorkerOptions): Worker {
  const worker = new WorkerState(options)
  worker.start()
  return { wake: () => worker.pump(), stop: (drainMs) => worker.stop(drainMs) }
}

class WorkerState {
  readonly #options: WorkerOptions
  readonly #times: Readonly<Record<keyof typeof WORKER_TIMES, number>>
  readonly #jobs: ReadonlyMap<string, Job>
  readonly #leasing: ReturnType<typeof openLeasing>
  readonly #running = new Set<Running>()
  readonly #ended = new Set<Promise<void>>()
  #waiting: Held[] = []
  /** Those that were waiting at the last renewal. */
  #waited: ReadonlySet<Held> = new Set()
  /** The id under which this worker leases; null before it has begun. */
  #id: string | null = null
  #usualMs: number
  #pumping: Promise<void> | null = null
  #again = false
  #stopping = false
  #renewing = false
  #poll: NodeJS.Timeout | undefined
  #beat: NodeJS.Timeout | undefined

  constructor(options: WorkerOptions) {
    this.#options = options
    this.#times = options.times ?? WORKER_TIMES
    this.#usualMs = this.#times.aheadMs
    this.#jobs = new Map(options.jobs.map((job) => [job.kind, job]))
    this.#leasing = openLeasing(options.runner, options.jobs, () => performance.now())
  }

  start(): void {
    this.#beat = setInterval(() => void this.#renew(), this.#times.beatMs)
    void this.#renew()
  }

  /** Leases jobs and starts them, until there is no room or no job. One at a time; a call in between makes it look once more. */
  pump(): void {
    this.#again = true
    if (this.#pumping !== null || this.#stopping) return
    clearTimeout(this.#poll)
    this.#pumping = this.#lease()
      .catch((error: unknown) => this.#trouble('lease', error))
      .finally(() => {
        this.#pumping = null
        if (!this.#stopping) this.#poll = setTimeout(() => this.pump(), this.#times.pollMs)
      })
  }

  async #lease(): Promise<void> {
    while (this.#again && !this.#stopping && this.#id !== null) {
      this.#again = false
      const free = this.#options.concurrency - this.#running.size - this.#waiting.length
      const all = Math.max(0, free + this.#ahead())
      if (all === 0) return
      const worker = this.#id
      const leased = await this.#leasing.take(worker, { all, now: Math.max(0, free) })
      for (const one of leased) {
        const job = this.#jobs.get(one.kind)
        if (job !== undefined) this.#waiting.push({ job, leased: one, worker })
      }
      if (leased.length > 0) {
        this.#waiting.sort((a, b) => b.job.priority - a.job.priority)
        this.#again = true
      }
      this.#startWaiting()
    }
  }

  /** How many jobs are leased besides those that can begin at once: as many as end in a short time. */
  #ahead(): number {
    const { concurrency } = this.#options
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

  async #runOne(held: Held): Promise<void> {
    const running: Running = { held, abort: new AbortController(), abandoned: false }
    this.#running.add(running)
    const began = performance.now()
    const error = await this.#outcome(running)
    this.#running.delete(running)
    this.#usualMs = 0.9 * this.#usualMs + 0.1 * (performance.now() - began)
    running.abort.abort()
    if (error !== null && !running.abandoned) await this.#fail(held, error)
    this.#startWaiting()
    if (this.#waiting.length * 2 <= this.#ahead()) this.pump()
  }

  /** Runs a job; null when it is done. An error that nobody caught in the code of a design arrives here, and the process goes on. */
  async #outcome({ held, abort }: Running): Promise<unknown> {
    const { job, leased, worker } = held
    // It has ended the process of its worker as often as it may fail.
    if (leased.attempt > job.retry.attempts)
      return new FinalJobError(`its worker ended while it ran, at each of ${job.retry.attempts} attempts`)
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      abort.abort()
      late.reject(new Error(`did not end within ${job.timeoutMs} ms`))
    }, job.timeoutMs + this.#times.graceMs)
    try {
      const complete = async (run: Run): Promise<void> => {
        const [done] = await run(COMPLETE, { id: leased.id, worker, attempt: leased.attempt })
        if (done === undefined) throw new LostJobError(`job ${leased.id} was given to another worker`)
      }
      await Promise.race([this.#options.perform({ job, leased, signal: abort.signal, complete }), late.promise])
      return null
    } catch (error) {
      return error ?? new Error('failed without an error')
    } finally {
      clearTimeout(timer)
    }
  }

  async #fail({ job, leased, worker }: Held, error: unknown): Promise<void> {
    const { id, attempt } = leased
    const about = { job: job.kind, id, attempt }
    if (error instanceof LostJobError) return this.#options.observe({ kind: 'lost', ...about })
    const isFinal = error instanceof FinalJobError || attempt >= job.retry.attempts
    const pauseMs = isFinal ? null : pauseAfter(attempt, job.retry, this.#options.random)
    const note = noteOf(error)
    const values = { id, worker, attempt, error: note, pause_ms: pauseMs }
    if (await this.#persist(isFinal ? BURY : RETRY, values)) this.#options.observe({ kind: 'failed', ...about, pauseMs, note })
  }

  /** Runs a statement until it succeeds or the worker stops. Without it the job would belong to a worker that does not run it. */
  async #persist(statement: typeof RETRY, values: Parameters<Run>[1]): Promise<boolean> {
    for (;;) {
      try {
        return (await this.#options.runner.run(statement, values)).length > 0
      } catch (error) {
        this.#trouble(statement.name, error)
        if (this.#stopping || this.#id !== values.worker) return false
        await new Promise((resolve) => setTimeout(resolve, this.#times.againMs))
      }
    }
  }

  /** Begins, or renews the lease; then gives the jobs of workers that have ended to others. */
  async #renew(): Promise<void> {
    const { runner, newId, observe } = this.#options
    const lease = { lease_ms: this.#times.leaseMs }
    if (this.#renewing) return
    this.#renewing = true
    try {
      if (this.#id !== null && (await runner.run(BEAT, { worker: this.#id, ...lease })).length === 0) {
        this.#abandon()
        observe({ kind: 'lease-over' })
      }
      if (this.#stopping) return
      if (this.#id === null) {
        const worker = newId()
        await runner.run(BEGIN_WORKER, { worker, ...lease })
        this.#id = worker
      }
      const [[count] = []] = await runner.run(RESCUE, {})
      if (Number(count) > 0) observe({ kind: 'rescued', jobs: Number(count) })
      await this.#giveBackWaited()
      this.pump()
    } catch (error) {
      this.#trouble('lease of the worker', error)
    } finally {
      this.#renewing = false
    }
  }

  /** Gives jobs back that did not begin between two renewals, because long jobs run: other workers may have room. Leases none ahead. */
  async #giveBackWaited(): Promise<void> {
    const waited = this.#waiting.filter((held) => this.#waited.has(held))
    this.#waiting = this.#waiting.filter((held) => !this.#waited.has(held))
    this.#waited = new Set(this.#waiting)
    if (waited.length > 0) this.#usualMs = Math.max(this.#usualMs, this.#options.concurrency * this.#times.aheadMs + 1)
    this.#waiting.push(...(await this.#giveBack(waited)))
  }

  /** @returns those that could not be given back: they still belong to the worker. */
  async #giveBack(all: readonly Held[]): Promise<readonly Held[]> {
    const { run } = this.#options.runner
    const ended = await Promise.allSettled(all.map(({ worker, leased: { id, attempt } }) => run(RELEASE, { id, worker, attempt })))
    return all.filter((_, i) => ended[i]?.status === 'rejected')
  }

  /** Forgets all jobs: others run them. */
  #abandon(): void {
    this.#id = null
    this.#waiting = []
    for (const running of this.#running) {
      running.abandoned = true
      running.abort.abort()
    }
  }

  async stop(drainMs: number): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#poll)
    await this.#pumping
    await this.#giveBack(this.#waiting.splice(0))
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
    await this.#giveBack(left.map(({ held }) => held))
    for (const { abort } of left) abort.abort()
    clearInterval(this.#beat)
    if (this.#id !== null) await this.#options.runner.run(END_WORKER, { worker: this.#id }).catch((error) => this.#trouble('end', error))
  }

  #trouble(what: string, error: unknown): void {
    this.#options.observe({ kind: 'trouble', what, note: noteOf(error) })
  }
}
