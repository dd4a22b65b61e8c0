/** Lets a few pieces of costly work run at once, a few more wait in order, and refuses the rest at once: a flood of logins must not take the machine. */

import { failure } from '../../../base/failure.ts'

export interface GateLimits {
  readonly running: number
  readonly waiting: number
}

/** Runs `work` when its turn comes. @throws Failure overloaded when too many wait already. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>

/** Opens a gate. First come, first served. */
export function openGate(limits: GateLimits): Gate {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (running < limits.running) running += 1
    else {
      if (waiting.length >= limits.waiting) throw failure('overloaded', {}, 'too many passwords to hash')
      // Whoever leaves hands its place over, so `running` stays as it is.
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
