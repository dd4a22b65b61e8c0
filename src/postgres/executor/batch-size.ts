/** Estimates how many calls of a statement may run in one batch, from the cost of one more call. */

/**
 * Measured times of a statement: exponentially weighted means, variance and covariance of calls and milliseconds. They give the time of one
 * more call.
 */
export interface CallCost {
  readonly calls: number
  readonly ms: number
  readonly variance: number
  readonly covariance: number
  /** Milliseconds that one more call adds. */
  readonly perCall: number
  /**
   * The shortest recent time per call, in milliseconds, including its share of the fixed costs. It is an upper bound of `perCall`, even
   * when some answers are late.
   */
  readonly least: number
  /** The largest recent batch, in calls. */
  readonly most: number
}

/**
 * The calls of one batch should keep PostgreSQL busy for at most this many milliseconds, because later calls wait for them. Fixed costs of
 * a statement (round trip, flush of the log) do not count: with high fixed costs, larger batches are better.
 */
const BUSY_MS = 2
/**
 * When one more call adds less than this part of the time of a single call, calls share most of their work. A batch may then take twice as
 * long as a single call, because half of its calls would wait longer if they ran one by one.
 */
const SHARING = 1 / 4
/** A statement that takes this many milliseconds for one call runs singly. */
const EXPENSIVE_MS = 50
/** The maximum number of calls in a batch. */
export const MAX_BATCH = 128

/** Weight of the latest time. */
const WEIGHT = 0.1
/**
 * The weight of earlier estimates, as a variance of calls. A few slow batches, or batches of nearly equal size, then change the estimate
 * only a little.
 */
const RIDGE = 1
/** Decay of `perCall`: after some dozens of batches, it reflects that a statement has become cheaper. */
const FORGETTING = 0.98
const MOST_DECAY = 0.99
/** Growth of `least`: it reflects equally fast that a statement has become more expensive. */
const LEAST_GROWTH = 1.1

/** Adds a measurement: a batch of `calls` calls took `ms` milliseconds. `known` is undefined for the first measurement. */
export function updateCost(known: CallCost | undefined, calls: number, ms: number): CallCost {
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
 * The maximum size of the next batch, from 1 to 128 calls. The cost of a statement is unknown before its first run, so the first call runs
 * singly. Each batch has at most twice as many calls as recent batches.
 */
export function maxBatchSize(known: CallCost | undefined): number {
  if (known === undefined) return 1
  if (known.least >= EXPENSIVE_MS) return 1
  return Math.max(1, Math.min(MAX_BATCH, affordable(known), Math.ceil(known.most * 2)))
}

function affordable({ calls, ms, perCall }: CallCost): number {
  if (perCall === 0) return MAX_BATCH
  const one = ms - (calls - 1) * perCall
  return Math.floor((perCall < one * SHARING ? Math.max(BUSY_MS, one) : BUSY_MS) / perCall)
}
