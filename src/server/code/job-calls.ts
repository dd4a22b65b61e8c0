/** The `jobs` of code: adds jobs in the transaction of the code. */

import type { JobCalls } from '../../design/authoring/context-types.ts'
import type { Calling } from './database.ts'

/** Makes `ctx.jobs` of one run of code. */
export function openJobCalls({ stack, caller, calls, writes }: Calling): JobCalls {
  return Object.freeze({
    add: (job: string, input?: unknown, options?: unknown) =>
      calls.inTurn(async () => {
        try {
          if (!writes) throw new Error('an action with reads: true adds no jobs')
          const id = await stack.addJob(stack, { job, input, options, caller, runner: calls.runner })
          calls.afterwards(async () => stack.wakeJobs())
          return id
        } catch (error) {
          calls.refuse(error)
          throw error
        }
      }),
  })
}
