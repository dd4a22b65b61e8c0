/** Limits how much costly work runs and waits, and refuses the rest at once, so that a flood of logins does not occupy the machine. */

import { failure } from '../../../base/failure.ts'

/** How many may run, and how many may wait. */
export interface ConcurrencyLimits {
  readonly running: number
  readonly waiting: number
}

/** Runs `work` in order of arrival. Rejects with what `work` rejects with. @throws Failure overloaded when too much work waits. */
export type ConcurrencyLimit = <T>(work: () => Promise<T>) => Promise<T>

/** Makes a limit. */
export function limitConcurrency(limits: ConcurrencyLimits): ConcurrencyLimit {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (running < limits.running) running += 1
    else {
      if (waiting.length >= limits.waiting) throw failure('overloaded', {}, 'too many passwords to hash')
      // Finished work hands its place over, so `running` does not change.
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
