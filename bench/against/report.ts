/** A comparison of two commits in lines and tables. */

import { median } from '../measure/results.ts'
import type { Load, Slot } from '../measure/slot.ts'
import { connectionsText, count, table } from '../report/report.ts'
import { OPERATIONS } from '../requests/operations.ts'
import type { Side } from './order.ts'
import { geometricMean, type Pair, type Ratio, ratioOf } from './statistics.ts'

/** What the four slots of a round came to under one load. */
export interface Round {
  readonly load: Load
  readonly slots: readonly Slot<Side>[]
}

/** What is compared, of one slot; null where it is not known. */
type Measure = (slot: Slot<Side>) => number | null

const RATE: Measure = ({ perSecond }) => perSecond
/** Microseconds of processor time a request. */
const SERVER_TIME: Measure = ({ cpu, requests }) => microseconds(cpu.server, requests)
const POSTGRES_TIME: Measure = ({ cpu, requests }) => microseconds(cpu.postgres, requests)
const BOTH_TIMES: Measure = ({ cpu, requests }) =>
  cpu.server === null || cpu.postgres === null ? null : microseconds(cpu.server + cpu.postgres, requests)

function microseconds(seconds: number | null, requests: number): number | null {
  return seconds === null || requests === 0 ? null : (seconds * 1e6) / requests
}

/**
 * Both values of a round: the geometric means of the two slots of each side. Null when one of the four is not known or is 0, as processor
 * time is in a very short slot.
 */
export function pairOf({ slots }: Round, measure: Measure): Pair | null {
  const of = (side: Side): number | null => {
    const values = slots.filter(({ server }) => server === side).map(measure)
    const known = values.filter((value) => value !== null && value > 0)
    return known.length === 0 || known.length < values.length ? null : geometricMean(known as readonly number[])
  }
  const [own, other] = [of('this'), of('other')]
  return own === null || other === null ? null : { this: own, other }
}

/** One line about a round, for a terminal. */
export function lineOf(round: Round, name: string): string {
  const { operation, connections } = round.load
  const pair = pairOf(round, RATE)
  if (pair === null) return `${operation} ×${connections}: no answers`
  const ratio = (pair.this / pair.other).toFixed(3)
  return `${operation} ×${connections}: this ${count(pair.this)}/s, ${name} ${count(pair.other)}/s, ratio ${ratio}`
}

/** All rounds as tables: the ratios, and the figures that they are made from. */
export function reportOf(rounds: readonly Round[], name: string): string {
  const loads = [...new Map(rounds.map(({ load }) => [titleOf(load), load])).keys()]
  const own = (title: string) => rounds.filter(({ load }) => titleOf(load) === title)
  const others = rounds.flatMap(({ slots }) => slots.flatMap((slot) => slot.others ?? []))
  return [
    `this ÷ ${name}: geometric mean of the rounds, and its 95 % confidence interval`,
    table(
      ['operation', 'requests/s', 'server time a request', 'PostgreSQL time a request', 'both times', 'rounds'],
      loads.map((title) => [title, ...MEASURES.map((measure) => ratioCell(own(title), measure)), String(own(title).length)]),
    ),
    `this and ${name}: requests a second, and microseconds of processor time a request (geometric means)`,
    table(
      ['operation', ...['requests/s', 'server', 'PostgreSQL', 'both'].flatMap((what) => [`${what}, this`, `${what}, ${name}`])],
      loads.map((title) => [title, ...MEASURES.flatMap((measure) => valueCells(own(title), measure))]),
    ),
    ...latencies(loads, own, name),
    'Better for this tree: above 1 in requests/s, below 1 in time. An interval that contains 1 shows no difference.',
    ...(others.length === 0 ? [] : [`Other processes of the machine took ${median(others).toFixed(2)} processors (median of all slots).`]),
  ].join('\n\n')
}

/** The slowest answers, where the load is equal, so that latencies may be compared. */
function latencies(loads: readonly string[], own: (title: string) => readonly Round[], name: string): readonly string[] {
  const equal = loads.filter((title) => own(title).some(({ load }) => load.rate !== null))
  if (equal.length === 0) return []
  const rows = equal.map((title) => {
    const slots = own(title).flatMap((round) => round.slots)
    const p99 = (side: Side) => median(slots.filter(({ server }) => server === side).map((slot) => slot.p99)).toFixed(2)
    return [title, p99('this'), p99('other')]
  })
  return ['99th percentile of the latency in milliseconds (medians of the slots)', table(['operation', 'this', name], rows)]
}

const MEASURES: readonly Measure[] = [RATE, SERVER_TIME, POSTGRES_TIME, BOTH_TIMES]

function titleOf(load: Load): string {
  const rate = load.rate === null ? '' : `, ${load.rate} a second`
  const beside = load.logins === undefined ? '' : `, beside ${load.logins} that sign in`
  return `${OPERATIONS[load.operation].title}, ${connectionsText(load)}${rate}${beside}`
}

function ratioCell(rounds: readonly Round[], measure: Measure): string {
  const ratio = ratioOf(pairsOf(rounds, measure))
  return ratio === null ? 'unknown' : ratioText(ratio)
}

function ratioText({ ratio, low, high }: Ratio): string {
  return `${ratio.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`
}

function valueCells(rounds: readonly Round[], measure: Measure): readonly string[] {
  const pairs = pairsOf(rounds, measure)
  if (pairs.length === 0) return ['unknown', 'unknown']
  return [count(geometricMean(pairs.map((pair) => pair.this))), count(geometricMean(pairs.map((pair) => pair.other)))]
}

function pairsOf(rounds: readonly Round[], measure: Measure): readonly Pair[] {
  return rounds.flatMap((round) => pairOf(round, measure) ?? [])
}
