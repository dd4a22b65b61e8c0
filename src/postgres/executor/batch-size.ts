/** How many calls of a statement may run in one batch, estimated from what one more call in a batch costs. */

/**
 * What is known about the time of a statement: exponentially weighted means, variance and covariance of calls and milliseconds, and from
 * them the time of one more call.
 */
export interface CallCost {
  readonly calls: number
  readonly ms: number
  readonly variance: number
  readonly covariance: number
  /** Milliseconds that one more call adds. */
  readonly perCall: number
  /**
   * The least recent time per call, in milliseconds, with its share of the fixed costs. An upper bound of `perCall`, even when some answers
   * come late.
   */
  readonly least: number
  /** The most calls of a recent batch. */
  readonly most: number
}

/**
 * The calls of one batch should keep PostgreSQL busy for at most this long: later calls wait for them, and this process could prepare more
 * meanwhile. Fixed costs of a statement (round trip, flush of the log) are no reason for fewer calls; they are a reason for more.
 */
const BUSY_MS = 2
/**
 * Where one more call adds less than this part of the time of one, calls share most of their work. Together they may then add as much as
 * one takes: run one by one, half of them would wait for longer.
 */
const SHARING = 1 / 4
/** A statement that takes this many milliseconds for one call runs singly. */
const EXPENSIVE_MS = 50
/** The most calls of a batch. */
export const MAX_BATCH = 128

/** Weight of the latest time. */
const WEIGHT = 0.1
/**
 * Earlier knowledge weighs as much as this variance of calls: a few slow batches, or batches of nearly equal size, say little about one
 * more call.
 */
const RIDGE = 1
/** Decay of `perCall`: a statement that has become cheaper is noticed within some dozens of batches. */
const FORGETTING = 0.98
const MOST_DECAY = 0.99
/** Growth of `least`: a statement that has become more expensive is noticed equally fast. */
const LEAST_GROWTH = 1.1

/** Adds a measurement: `calls` calls took `ms` milliseconds in one batch. `known`: undefined for the first measurement. */
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
 * How many calls may run in one batch, from 1 to 128. The cost of a statement is unknown before its first run, so the first call runs
 * singly, and then each batch has at most twice as many calls as recent ones.
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
