/** What workers report to operators. It never contains an input of a job. */

/** An observation of a worker. */
export type JobObservation =
  /** A run failed. `pauseMs` is the time until the next run; null when the job is dead now. */
  | {
      readonly kind: 'failed'
      readonly job: string
      readonly id: string
      readonly attempt: number
      readonly pauseMs: number | null
      readonly note: string
    }
  /** A run ended after its job was given to another worker. What the run wrote in the transaction of the job is rolled back. */
  | { readonly kind: 'lost'; readonly job: string; readonly id: string; readonly attempt: number }
  /** Jobs of workers that have ended wait again. */
  | { readonly kind: 'rescued'; readonly jobs: number }
  /** This worker could not renew its lease in time, so others run its jobs. */
  | { readonly kind: 'lease-over' }
  /** A statement of the worker failed. It is tried again. */
  | { readonly kind: 'trouble'; readonly what: string; readonly note: string }
  /** No process runs the jobs, and this one leaves them to others. `due` jobs could run now; no schedule runs. */
  | { readonly kind: 'unattended'; readonly due: number }
  /** A time of a schedule has come. `runs` is 0 when its time was missed and the design skips such runs. */
  | { readonly kind: 'scheduled'; readonly schedule: string; readonly runs: number }
