/** What slices of two builds say about an operation. Pure. */

import type { LoadOperation } from '../operations/load-operations.ts'
import type { BuildCost, ComparedOperation } from '../performance-report.ts'
import { type GateVerdict, judgePairs, type Pair } from '../statistics/gate.ts'
import { type Estimate, trimmedMean } from '../statistics/robust.ts'
import type { Side, Slice, SliceCost } from './slice.ts'

/** Slices by pairs of processes. */
export type Groups = readonly (readonly Slice[])[]

/** A change must be seen with each pair of processes, at least by this; of more than four pairs, one may hide it. */
const SEEN = 1.02
const PAIRS_FOR_EXCEPTION = 5

/** Whether more pairs may bring a verdict. */
export function isUndecided(groups: Groups): boolean {
  return judge(groups, true).verdict === 'more'
}

/** The comparison of an operation. @param failed why it could not be measured; null if it could. */
export function comparedOperation(
  { id, what }: Pick<LoadOperation, 'id' | 'what'>,
  groups: Groups,
  { requests, failed }: { readonly requests: number; readonly failed: string | null },
): ComparedOperation {
  const of = { id, what, requests, pairs: groups.flat().length, processes: groups.length }
  const nothing = { measure: 'elapsed', ratio: null, elapsed: null, old: null, new: null } as const
  if (failed !== null || groups.length === 0) return { ...of, ...nothing, verdict: 'not compared', why: failed ?? 'there was no time' }
  const { verdict, cost, elapsed, measure, why } = judge(groups, false)
  return {
    ...{ ...of, measure, ratio: rounded(cost.ratio), elapsed: rounded(elapsed.ratio) },
    ...{ old: costsOf(groups, 'old'), new: costsOf(groups, 'new') },
    ...{ verdict: verdict === 'more' ? 'noisy' : verdict, why },
  }
}

/** Seconds of a request: of processor time, or those that passed where that cannot be seen. */
export function costOf(cost: SliceCost): number {
  return processorOf(cost) ?? cost.elapsed
}

/** All verdicts about an operation. */
interface Judged {
  readonly measure: ComparedOperation['measure']
  readonly verdict: GateVerdict['verdict']
  readonly cost: GateVerdict
  readonly elapsed: GateVerdict
  readonly why: string
}

function judge(groups: Groups, left: boolean): Judged {
  const slices = groups.flat()
  const measure = slices.every((slice) => processorOf(slice.old) !== null && processorOf(slice.new) !== null) ? 'processor' : 'elapsed'
  const measured = measure === 'processor' ? costOf : (cost: SliceCost) => cost.elapsed
  const cost = judgePairs(pairsOf(slices, measured), left)
  const elapsed = judgePairs(
    pairsOf(slices, ({ elapsed: seconds }) => seconds),
    false,
  )
  const said = { measure, cost, elapsed } as const
  const sign = cost.ratio.value > 1 ? 1 : -1
  const without = groups.filter((own) => sign * Math.log(meanOf(pairsOf(own, measured))) < Math.log(SEEN)).length
  const isEverywhere = without <= Math.floor(groups.length / PAIRS_FOR_EXCEPTION)
  if ((cost.verdict === 'regressed' || cost.verdict === 'faster') && !isEverywhere)
    return { ...said, verdict: left ? 'more' : 'noisy', why: `not with all pairs of processes: ${changeText(cost.ratio)}` }
  return { ...said, verdict: cost.verdict, why: changeText(cost.ratio) }
}

function pairsOf(slices: readonly Slice[], measured: (cost: SliceCost) => number): readonly Pair[] {
  return slices.map((slice) => ({ old: measured(slice.old), new: measured(slice.new) }))
}

function meanOf(pairs: readonly Pair[]): number {
  return Math.exp(trimmedMean(pairs.map((pair) => Math.log(pair.new / pair.old))))
}

/** Seconds of both; null where one cannot be seen. */
function processorOf({ server, database }: SliceCost): number | null {
  return server === null || database === null ? null : server + database
}

function costsOf(groups: Groups, side: Side): BuildCost {
  const costs = groups.flat().map((slice) => slice[side])
  const ms = (of: (cost: SliceCost) => number | null): number | null => {
    const seen = costs.map(of).filter((one) => one !== null)
    return seen.length < costs.length || seen.length === 0 ? null : digits(trimmedMean(seen) * 1_000)
  }
  return { serverMs: ms(({ server }) => server), databaseMs: ms(({ database }) => database), elapsedMs: ms(({ elapsed }) => elapsed) ?? 0 }
}

function rounded({ value, low, high }: Estimate): Estimate {
  return { value: digits(value), low: digits(low), high: digits(high) }
}

/** Three digits are more than such figures know. */
function digits(value: number): number {
  return Number(value.toPrecision(3))
}

/** `12 % more (+8 % to +16 %)`. */
function changeText({ value, low, high }: Estimate): string {
  const percent = (ratio: number): string => `${Math.abs(Math.round((ratio - 1) * 100))} %`
  const signed = (ratio: number): string => `${ratio < 1 ? '−' : '+'}${percent(ratio)}`
  return `${percent(value)} ${value < 1 ? 'less' : 'more'} (${signed(low)} to ${signed(high)})`
}
