/** The times of workers and of schedules. */

/** The times, in milliseconds. */
export const WORKER_TIMES = {
  /** How long the lease of a worker lasts. */
  leaseMs: 10_000,
  /** Between two renewals of the lease. */
  beatMs: 3_000,
  /** Between two looks for workers whose lease is over. */
  rescueMs: 1_000,
  /** Between two looks for jobs that other processes have added, and for jobs of workers that have ended. */
  pollMs: 250,
  /** Jobs are leased ahead for about this long. */
  aheadMs: 200,
  /** After its timeout, a run has this time to end by itself. */
  graceMs: 1_000,
  /** Before a statement that failed is tried again. */
  againMs: 1_000,
  /** The longest time between two looks at the schedules. */
  lookMs: 30_000,
} as const

/** Other times; tests use shorter ones. */
export type WorkerTimes = Readonly<Record<keyof typeof WORKER_TIMES, number>>
