/** The regression gate: whether a new build is slower than an old one, from pairs of measurements that were taken close together. */

import { type Estimate, trimmedEstimate } from './robust.ts'

/** What was measured of both builds in one pair; above 0. More is better. */
export interface Pair {
  readonly old: number
  readonly new: number
}

/** What the gate says. `more` asks for further pairs. */
export interface GateVerdict {
  readonly verdict: 'slower' | 'faster' | 'same' | 'more' | 'undecided'
  /** New ÷ old, with an interval of 99 %. */
  readonly ratio: Estimate
  readonly pairs: number
}

/** Slower or faster: the whole interval is beyond this change. */
const CHANGED = 0.05
/** The same: the whole interval is within this change. */
const ALIKE = 0.075
const CONFIDENCE = 0.99
/** The most pairs that are asked for; 12 are measured at a time. */
export const MOST_PAIRS = 36

/** Which build is measured in the slots of two pairs, so that a steady drift of the machine cancels out. */
export const PAIR_ORDER = ['old', 'new', 'new', 'old'] as const

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
  if (high < 1 - CHANGED) return 'slower'
  if (low > 1 + CHANGED) return 'faster'
  if (low > 1 - ALIKE && high < 1 + ALIKE) return 'same'
  return mayGoOn ? 'more' : 'undecided'
}

/** Whether old against old came out as no change. If not, the machine is too noisy for a verdict. */
export function isQuiet(control: GateVerdict): boolean {
  return control.verdict !== 'slower' && control.verdict !== 'faster'
}
