/** The pause before failed work runs again. */

import type { Retry } from '../../model/job.ts'

/**
 * The pause after a failed attempt, in milliseconds: doubled with each attempt, and shorter by chance, by up to a half, so that work that
 * failed together does not run together again. `random` gives a number from 0 to below 1.
 */
export function pauseAfter(attempt: number, { firstMs, mostMs }: Retry, random: () => number): number {
  const whole = Math.min(mostMs, firstMs * 2 ** Math.min(attempt - 1, 40))
  return Math.round(whole * (1 - random() / 2))
}
