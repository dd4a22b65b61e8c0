/** A job that code or an action adds, as data. */

import type { Runner } from '../../base/sql/statement.ts'
import type { Caller } from '../../model/caller.ts'

/** A call of `ctx.jobs.add`. */
export interface JobCall {
  readonly job: string
  readonly input: unknown
  readonly options: unknown
  /** The job runs for this caller. */
  readonly caller: Caller
  /** A runner in the transaction of the code. */
  readonly runner: Pick<Runner, 'run'>
}
