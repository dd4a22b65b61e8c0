/** The regression gate: whether a new build costs more than an old one, from pairs of measurements that were taken close together. */

import { type Estimate, trimmedEstimate } from './robust.ts'

/** What a request cost in both builds in one pair, such as processor time; above 0. Less is better. */
export interface Pair {
  readonly old: number
  readonly new: number
}

/** What the gate says. `more` asks for further pairs; `noisy`: too noisy to say. */
export interface GateVerdict {
  readonly verdict: 'regressed' | 'faster' | 'unchanged' | 'more' | 'noisy'
  /** New ÷ old, with an interval of 99 %. */
  readonly ratio: Estimate
  readonly pairs: number
}

/** Regressed or faster: the whole interval is beyond this change. */
const CHANGED = 1.05
/** Unchanged: the whole interval is within this change. */
const ALIKE = 1.075
const CONFIDENCE = 0.99
/** The most pairs that are asked for; 24 are measured at a time. */
export const MOST_PAIRS = 96

/**
 * Judges pairs by their logarithms of new ÷ old.
 *
 * @param left whether there is time for further pairs.
 */
export function judgePairs(pairs: readonly Pair[], left: boolean): GateVerdict {
  const logs = trimmedEstimate(
    pairs.map((pair) => Math.log(pair.new / pair.old)),
    CONFIDENCE,
  )
  const ratio = { value: Math.exp(logs.value), low: Math.exp(logs.low), high: Math.exp(logs.high) }
  return { verdict: verdictOf(ratio, left && pairs.length < MOST_PAIRS), ratio, pairs: pairs.length }
}

function verdictOf({ low, high }: Estimate, mayGoOn: boolean): GateVerdict['verdict'] {
  if (low > CHANGED) return 'regressed'
  if (high < 1 / CHANGED) return 'faster'
  if (low > 1 / ALIKE && high < ALIKE) return 'unchanged'
  return mayGoOn ? 'more' : 'noisy'
}
