/** Opens a circuit breaker by the share of failures among the calls of the last seconds. */

import type { IBreaker } from 'cockatiel'

const SECONDS = 10
const LEAST_CALLS = 20
const SHARE = 0.5

interface Counted {
  readonly second: number
  calls: number
  failures: number
}

/** A breaker that opens when at least 20 calls have ended within 10 s, and half of them or more have failed. @param now milliseconds */
export function shareBreaker(now: () => number): IBreaker {
  let counted: Counted[] = []
  const count = (failures: number): void => {
    const second = Math.floor(now() / 1_000)
    counted = counted.filter((one) => one.second > second - SECONDS)
    const last = counted.at(-1)
    if (last?.second === second) {
      last.calls += 1
      last.failures += failures
    } else counted.push({ second, calls: 1, failures })
  }
  return {
    get state() {
      return structuredClone(counted)
    },
    set state(value) {
      counted = structuredClone(value) as Counted[]
    },
    success() {
      count(0)
    },
    failure() {
      count(1)
      const calls = counted.reduce((sum, one) => sum + one.calls, 0)
      const failures = counted.reduce((sum, one) => sum + one.failures, 0)
      const opens = calls >= LEAST_CALLS && failures >= SHARE * calls
      // After the pause it begins with new calls.
      if (opens) counted = []
      return opens
    },
  }
}
