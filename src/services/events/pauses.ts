/** How often a reaction is tried, and the pauses between its attempts. */

/** After so many failed attempts an event is given up. */
export const MOST_ATTEMPTS = 10

/** The pause after the first failed attempt, in milliseconds. */
export const FIRST_PAUSE_MS = 1_000

/** Each further pause is so many times as long. All take 24 hours. */
export const PAUSE_GROWTH = 4

/** The milliseconds before the next attempt: longer each time, and different by up to a quarter, so that not all events come at once. */
export function pauseAfter(attempt: number, random: () => number): number {
  return Math.round(FIRST_PAUSE_MS * PAUSE_GROWTH ** (attempt - 1) * (0.75 + random() / 2))
}
