/** Limits how many calls are repeated (Google SRE book, chapter 22): in steady state at most a tenth of all calls. */

/** What a call adds to the budget; a repetition takes 1. */
const PER_CALL = 0.1
/** The most repetitions that are saved up, and those that there are at first. */
const MOST = 10

/** How many repetitions are left. */
export interface RetryBudget {
  /** Counts a call. */
  readonly earn: () => void
  /** Takes one repetition; false if none is left. */
  readonly take: () => boolean
}

/** Opens a budget. */
export function openRetryBudget(): RetryBudget {
  let left = MOST
  return {
    earn() {
      left = Math.min(MOST, left + PER_CALL)
    },
    take() {
      // Sums of 0.1 are a little less than the whole number.
      if (left < 1 - 1e-9) return false
      left -= 1
      return true
    },
  }
}
