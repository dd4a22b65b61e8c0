/** When a message is sent again after a failed attempt. */

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** The pauses after the failed attempts, as Standard Webhooks suggests them: ten attempts in about three days. */
export const PAUSES_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
]

/** The longest pause that a receiver can ask for. */
const LONGEST_MS = 24 * HOUR_MS

/**
 * Milliseconds before the next attempt; null after the last one. They differ by up to a tenth, so that not all messages come at once. A
 * receiver makes them longer with `Retry-After`, up to a day, and never shorter.
 *
 * @param attempt the failed one, from 1
 */
export function pauseAfter(
  attempt: number,
  { askedMs, random }: { readonly askedMs: number | null; readonly random: () => number },
): number | null {
  const pause = PAUSES_MS[attempt - 1]
  if (pause === undefined) return null
  return Math.max(Math.round(pause * (1 + random() / 10)), Math.min(askedMs ?? 0, LONGEST_MS))
}
