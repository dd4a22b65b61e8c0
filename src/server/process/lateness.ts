/** Whether the event loop is late: not once, as after a single long piece of work, but turn after turn. */

/** Measures until it is stopped. */
export interface Lateness {
  readonly isLate: () => boolean
  readonly stop: () => void
}

const EVERY_MS = 100
/** After so many late turns in a row, the process has more work than it can do. */
const TURNS = 3

/** Starts to measure. @param limitMs a turn that comes later than this is late. */
export function measureLateness(limitMs: number): Lateness {
  let last = performance.now()
  let late = 0
  const timer = setInterval(() => {
    const now = performance.now()
    late = now - last - EVERY_MS > limitMs ? late + 1 : 0
    last = now
  }, EVERY_MS).unref()
  return { isLate: () => late >= TURNS, stop: () => clearInterval(timer) }
}
