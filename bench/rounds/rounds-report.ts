/** Writes what `measureRounds` measured as tables in Markdown. */

import { ratioOf } from '../against/statistics.ts'
import { median } from '../measure/results.ts'
import { table } from '../report/report.ts'
import type { RoundSlot } from './rounds.ts'

/**
 * One table for each job, and below it the ratios of the first server to each of the others.
 *
 * @param titles the servers by name; the first is compared with the others.
 */
export function roundsReport<Name extends string>(slots: readonly RoundSlot<Name>[], titles: ReadonlyMap<Name, string>): string {
  const jobs = [...new Set(slots.map(({ job }) => job))]
  const statuses = new Set(slots.flatMap((slot) => slot.statuses))
  const parts = jobs.flatMap((job) => [jobTable(slotsOf(slots, job), { job, titles }), '', ...ratios(slotsOf(slots, job), titles), ''])
  return [...parts.slice(0, -1), ...(statuses.size > 0 ? [`statuses of failed answers: ${[...statuses].join(', ')}`] : [])].join('\n')
}

function slotsOf<Name extends string>(slots: readonly RoundSlot<Name>[], job: string): readonly RoundSlot<Name>[] {
  return slots.filter((slot) => slot.job === job)
}

interface JobTable<Name extends string> {
  readonly job: string
  readonly titles: ReadonlyMap<Name, string>
}

function jobTable<Name extends string>(slots: readonly RoundSlot<Name>[], { job, titles }: JobTable<Name>): string {
  const rows = [...titles].map(([name, title]) => {
    const own = slots.filter((slot) => slot.name === name)
    const middle = (value: (slot: RoundSlot<Name>) => number, digits: number): string => median(own.map(value)).toFixed(digits)
    return [
      title,
      middle(({ perSecond }) => perSecond, 0),
      middle(({ p50 }) => p50, 2),
      middle(({ p99 }) => p99, 2),
      middle(({ serverCpu }) => serverCpu, 0),
      middle(({ postgresCpu }) => postgresCpu, 0),
      String(own.reduce((sum, { failed }) => sum + failed, 0)),
    ]
  })
  return table([job, 'a second', 'p50 ms', 'p99 ms', 'server µs', 'PostgreSQL µs', 'failed'], rows)
}

function ratios<Name extends string>(slots: readonly RoundSlot<Name>[], titles: ReadonlyMap<Name, string>): readonly string[] {
  const [[first, title] = [], ...others] = [...titles]
  const valuesOf = (name: Name | undefined): readonly number[] =>
    slots.filter((slot) => slot.name === name).map(({ perSecond }) => perSecond)
  return others.map(([name, other]) => {
    const against = valuesOf(name)
    const ratio = ratioOf(valuesOf(first).map((value, i) => ({ this: value, other: against[i] ?? 1 })))
    const interval = ratio === null ? '' : `${ratio.ratio.toFixed(2)} × (95 %: ${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})`
    return `${title} ÷ ${other}: ${interval}`
  })
}
