/** How performance changes: throughput by callers, and the time of reads by rows. */

import type { PerformanceReport } from '../../performance/performance-report.ts'
import { throughputAt } from '../../performance/statistics/usl.ts'
import type { Figure } from './figures.ts'
import { html, type Markup } from './markup.ts'
import { plot } from './plot.ts'
import { table } from './section.ts'

/** The curve that was fitted is drawn only where loads were measured. */
export function sweepMarkup({ sweep }: PerformanceReport, figure: Figure): Markup | null {
  if (sweep === null) return null
  const { points, fit, doubts } = sweep
  const most = Math.max(1, ...points.map(({ load }) => load))
  const law = fit === null ? null : { lambda: fit.lambda.value, sigma: fit.sigma.value, kappa: fit.kappa.value }
  const curve = law === null ? [] : Array.from({ length: CURVE_POINTS }, (_, i) => 1 + (i * (most - 1)) / (CURVE_POINTS - 1))
  const parameter = (name: 'lambda' | 'sigma' | 'kappa', letter: string): Markup =>
    html`${letter} ${figure(`/performance/sweep/fit/${name}/value`)} ± ${figure(`/performance/sweep/fit/${name}/within`)}`
  const fitted =
    fit === null
      ? null
      : html`<p>${parameter('lambda', 'λ')}, ${parameter('sigma', 'σ')}, ${parameter('kappa', 'κ')} (Universal Scalability Law). ${
          fit.peak === null
            ? 'More callers than were measured may give more throughput'
            : html`Most throughput with ${figure('/performance/sweep/fit/peak')} callers`
        }. A fit of the other loads misses one by at most ${figure('/performance/sweep/fit/unseen')} of it.</p>`
  const verdict =
    doubts.length === 0 ? null : html`<p><span class="tag undecided">no verdict</span> The fit says nothing: ${doubts.join('; ')}.</p>`
  return html`<h3>Throughput by callers</h3>
<p class="note">All operations together, by callers who each wait for their answers. The law describes server, database and load generator on this machine.</p>
${verdict}${fitted}${plot({
  ...{ title: 'Throughput by callers', x: 'callers', y: 'requests a second' },
  lines: [
    {
      name: 'measured',
      look: 'first',
      points: points.map(({ load, throughput }) => ({ x: load, y: throughput })),
      marked: true,
      joined: false,
    },
    ...(law === null
      ? []
      : [{ name: 'fitted', look: 'second' as const, points: curve.map((x) => ({ x, y: throughputAt(law, x) })), marked: false }]),
  ],
})}`
}

const CURVE_POINTS = 64

/** What more serving processes cost. */
export function instancesMarkup({ instances }: PerformanceReport, figure: Figure): Markup | null {
  if (instances === null) return null
  const rows = instances.map((one, i) => {
    const at = (name: keyof typeof one): Markup | string => (one[name] === null ? 'unknown' : figure(`/performance/instances/${i}/${name}`))
    return html`<tr><th scope="row">${at('instances')}</th><td>${at('serverMs')}</td><td>${at('databaseMs')}</td><td>${at('connections')}</td><td>${at('waiting')}</td><td>${at('serverMb')}</td><td>${at('databaseMb')}</td><td>${at('perSecond')}</td></tr>`
  })
  const columns = [
    'processes',
    'server, ms',
    'database, ms',
    'connections',
    'waiting for locks',
    'MB of servers',
    'MB of sessions',
    'requests/s here',
  ]
  return html`<h3>More serving processes</h3>
<p class="note">All operations together, by the same callers, with more processes on one database. “server” and “database” are processor time of a request: what stays the same can be multiplied by machines. The requests a second are no claim about throughput: all processes shared the processors of this machine.</p>
${table('More serving processes', columns, rows)}`
}

/** Time by rows, each beside the rows that PostgreSQL has read. */
export function growthMarkup({ growth }: PerformanceReport, figure: Figure): Markup | null {
  if (growth === null || growth.operations.length === 0) return null
  const rows = growth.operations.map(({ what, growth: how, slope, readSlope, tenfold, remedy }, i) => {
    const at = `/performance/growth/operations/${i}`
    const interval = (name: 'slope' | 'tenfold'): Markup =>
      html`${figure(`${at}/${name}/value`)} <span class="note">${figure(`${at}/${name}/low`)} to ${figure(`${at}/${name}/high`)}</span>`
    const index =
      remedy === null
        ? 'none'
        : html`<code>${remedy.index}</code>: ${figure(`${at}/remedy/beforeMs`)} ms before, ${figure(`${at}/remedy/ms`)} ms with it`
    return html`<tr><th scope="row"><code>${what}</code></th><td>${how}</td><td>${slope === null ? 'unknown' : interval('slope')}</td><td>${
      readSlope === null ? 'unknown' : figure(`${at}/readSlope`)
    }</td><td>${tenfold === null ? 'unknown' : interval('tenfold')}</td><td class="words">${index}</td></tr>`
  })
  const columns = ['operation', 'growth', 'time', 'rows read', 'ms at 10 ×', 'index that helps']
  return html`<h3>Growth with the rows</h3>
<p class="note">One caller who waits for each answer, on 0.1 to 100 % of the rows. The columns “time” and “rows read” are the powers of the rows by which they grow: 0 is not at all, 1 is in proportion. Times at ten times the rows are extrapolated.</p>
${plot({
  ...{ title: 'Time of a request by rows', x: 'rows', y: 'ms', scale: 'logarithms' },
  lines: growth.operations.map(({ what, times }, i) => ({
    ...{ name: what, look: LOOKS[i % LOOKS.length] ?? 'first', marked: true },
    points: medians(times),
  })),
})}${table('Growth with the rows', columns, rows)}`
}

const LOOKS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'] as const

/** The median at each number of rows. */
function medians(times: readonly { readonly rows: number; readonly ms: number }[]): readonly { readonly x: number; readonly y: number }[] {
  return [...Map.groupBy(times, ({ rows }) => rows)].map(([x, own]) => {
    const sorted = own.map(({ ms }) => ms).toSorted((a, b) => a - b)
    return { x, y: sorted[Math.floor(sorted.length / 2)] ?? 0 }
  })
}
