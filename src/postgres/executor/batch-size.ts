/** How many calls of a statement may leave together, by what another call in company costs. */

/** What is known of a statement's time: exponentially weighted means, variance and covariance of calls and milliseconds, and from them the time of one more call. */
export interface Learned {
  readonly calls: number
  readonly ms: number
  readonly variance: number
  readonly covariance: number
  /** Milliseconds that one more call adds. */
  readonly perCall: number
  /** The least time a call took of late, its share of everything included: one more call adds no more than that, however late some answers come. */
  readonly least: number
  /** The most calls that went together of late. */
  readonly most: number
}

/**
 * The calls of one statement should keep PostgreSQL busy for no longer than this: whoever comes next waits for them, and meanwhile this process could prepare
 * more. What every statement takes however few its calls (the way, the flush of the log) is no reason for fewer calls, on the contrary.
 */
const BUSY_MS = 2
/**
 * Where another call adds less than this part of what one takes, calls share most of their work, and they may add as much as one takes: whoever waits for them
 * would wait longer for half of them one by one.
 */
const SHARING = 1 / 4
/** A statement that takes this long for one call goes alone. */
const EXPENSIVE_MS = 50
/** The most calls that ever leave together. */
export const MOST_CALLS = 128

/** Weight of the latest time. */
const WEIGHT = 0.1
/** What was known before weighs as much as this variance of calls: a few slow ones, or calls that hardly vary in number, say little about one more. */
const RIDGE = 1
/** What has become cheap is found out within some dozens of statements. */
const FORGETTING = 0.98
const MOST_DECAY = 0.99
/** What has become more expensive is believed as soon. */
const LEAST_GROWTH = 1.1

/** What is known after `calls` calls of a statement took `ms` milliseconds together. */
export function learn(known: Learned | undefined, calls: number, ms: number): Learned {
  if (known === undefined) return { calls, ms, variance: 0, covariance: 0, perCall: 0, least: ms / calls, most: calls }
  const [more, longer] = [calls - known.calls, ms - known.ms]
  const variance = (1 - WEIGHT) * (known.variance + WEIGHT * more * more)
  const covariance = (1 - WEIGHT) * (known.covariance + WEIGHT * more * longer)
  const perCall = (covariance + RIDGE * known.perCall) / (variance + RIDGE)
  const least = Math.min(ms / calls, known.least * LEAST_GROWTH)
  return {
    calls: known.calls + WEIGHT * more,
    ms: known.ms + WEIGHT * longer,
    variance,
    covariance,
    perCall: Math.min(Math.max(0, perCall) * FORGETTING, least),
    least,
    most: Math.max(calls, known.most * MOST_DECAY),
  }
}

/**
 * How many calls may leave together, from 1 to 128. What a statement costs is not known before it has run, so the first goes alone, then at most twice as many
 * as of late.
 */
export function sizeAfter(known: Learned | undefined): number {
  if (known === undefined) return 1
  if (known.least >= EXPENSIVE_MS) return 1
  return Math.max(1, Math.min(MOST_CALLS, affordable(known), Math.ceil(known.most * 2)))
}

function affordable({ calls, ms, perCall }: Learned): number {
  if (perCall === 0) return MOST_CALLS
  const one = ms - (calls - 1) * perCall
  return Math.floor((perCall < one * SHARING ? Math.max(BUSY_MS, one) : BUSY_MS) / perCall)
}
