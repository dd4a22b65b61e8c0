/** The section about performance: what each operation did under load, what it cost, and the targets. */

import type { MeasuredOperation, PerformanceReport } from '../../performance/performance-report.ts'
import { breakingMarkup } from './breaking-markup.ts'
import type { Figure } from './figures.ts'
import { html, type Markup, type MarkupPart } from './markup.ts'
import { growthMarkup, instancesMarkup, sweepMarkup } from './performance-scaling.ts'
import { plot } from './plot.ts'
import { type Page, type Section, table } from './section.ts'

/** The section; null for a run without a load. */
export function performanceSection(page: Page): Section | null {
  const { performance } = page.report
  if (performance === null) return null
  return {
    id: 'performance',
    title: 'Performance',
    body: html`${conditions(performance, page.figure)}${breakingMarkup(performance, page.figure)}${targets(page)}${mix(performance, page.figure)}${sweepMarkup(performance, page.figure)}${instancesMarkup(performance, page.figure)}${growthMarkup(performance, page.figure)}${operations(performance, page.figure)}`,
  }
}

function conditions({ rows, bare, durable }: PerformanceReport, figure: Figure): Markup {
  const loaded = rows.map(({ entity, target, why }, i) => {
    const of = target === null ? null : html` of ${figure(`/performance/rows/${i}/target`)}`
    return html`<li>${entity}: ${figure(`/performance/rows/${i}/rows`)}${of} rows${why === null ? null : html`: ${why}`}</li>`
  })
  const units = bare.perSecond.map((_, i) => [i > 0 && ', ', figure(`/performance/bare/perSecond/${i}`)])
  return html`<p class="note">Server, database and load generator shared this machine, so these figures describe this arrangement. They are no claim about throughput, and no capacity of a processor.
Latency is measured from the time at which a request was due, with requests that arrive by themselves; a failed request counts as the slowest. Intervals are of 95 %.
${durable ? null : 'The database does not wait for the disk at a commit, so writes are faster here than in production.'}</p>
<dl><dt>Rows</dt><dd><ul>${loaded}</ul>loaded in ${figure('/performance/rowsSeconds')} s</dd>
<dt>This machine</dt><dd>a bare <code>node:http</code> that sends the same bytes: ${units} requests a second, a drift of ${figure('/performance/bare/drift')}</dd>
<dt>Measurements</dt><dd>of ${figure('/performance/seconds')} s</dd></dl>`
}

/** The claims that judge targets of the design, with the reason of each verdict. */
function targets({ report: { claims } }: Page): Markup | null {
  const judged = claims.filter(({ family }) => family === 'performance')
  if (judged.length === 0) return null
  const rows = judged.map(
    ({ claim, result, evidence }) =>
      html`<tr><td>${claim}</td><td><span class="tag ${result.verdict}">${result.verdict}</span></td><td class="words">${evidence[0]?.because ?? ''}</td></tr>`,
  )
  return html`<h3>Targets and answers</h3>${table('Targets and answers', ['claim', 'verdict', 'why'], rows)}`
}

function operations({ operations: all }: PerformanceReport, figure: Figure): Markup | null {
  if (all.length === 0) return null
  const rows = all.map(({ what, cost, phases }, i) => {
    const at = `/performance/operations/${i}`
    const costAt = (name: keyof typeof cost): Markup | string => (cost[name] === null ? 'unknown' : figure(`${at}/cost/${name}`))
    const p99 = phases[0]?.p99.ms == null ? 'failed' : figure(`${at}/phases/0/p99/ms`)
    return html`<tr><th scope="row"><code>${what}</code></th><td>${figure(`${at}/ceiling/perSecond`)}</td><td>${p99}</td><td>${costAt('statements')}</td><td>${costAt('rowsRead')}</td><td>${costAt('serverMs')}</td><td>${costAt('databaseMs')}</td></tr>`
  })
  const columns = ['operation', 'requests/s', 'p99, ms', 'statements', 'rows read', 'server, ms', 'database, ms']
  return html`<h3>Each operation</h3>
<p class="note">“requests/s” are the most that callers get who wait, “p99” is at half of it, and “server” and “database” are processor time of a request.</p>
${table('Each operation', columns, rows)}${details(all, figure)}`
}

function details(all: PerformanceReport['operations'], figure: Figure): readonly Markup[] {
  return all.map((operation, i) => {
    const at = `/performance/operations/${i}`
    return html`<details class="operation"><summary><code>${operation.what}</code></summary>
<p>As ${operation.callers.join(', ')}. At most ${figure(`${at}/ceiling/perSecond`)} requests a second with ${figure(`${at}/ceiling/callers`)} callers who wait,
${figure(`${at}/ceiling/ofBare`)} of a bare <code>node:http</code>; ${figure(`${at}/ceiling/failed`)} failed.</p>
${costs(operation, at, figure)}${phaseTable(operation.phases, at, figure)}${curve(operation)}</details>`
  })
}

const COSTS = [
  ['statements', 'statements'],
  ['rowsRead', 'rows read'],
  ['answerRows', 'rows in the answer'],
  ['bytes', 'bytes of the answer'],
  ['serverMs', 'ms of processor time of the server'],
  ['databaseMs', 'ms of the database'],
  ['serverMb', 'MB of the server'],
  ['databaseMb', 'MB of its sessions'],
] as const

function costs({ cost }: MeasuredOperation, at: string, figure: Figure): Markup {
  const seen = COSTS.flatMap(([name, text], i): readonly MarkupPart[] =>
    cost[name] === null ? [] : [html`${i > 0 ? ', ' : ''}${figure(`${at}/cost/${name}`)} ${text}`],
  )
  return html`<p>${seen.length === 0 ? 'What a request costs cannot be seen here' : html`A request: ${seen}`}.</p>`
}

function phaseTable(phases: MeasuredOperation['phases'], at: string, figure: Figure): Markup {
  const rows = phases.map((phase, j) => phaseRow(phase, `${at}/phases/${j}`, figure))
  return table('Latency by load', ['requests/s', 'requests', 'failed', 'p50, ms', 'p95, ms', 'p99, ms', 'in doubt'], rows)
}

function phaseRow(phase: MeasuredOperation['phases'][number], at: string, figure: Figure): Markup {
  const percentile = (name: 'p50' | 'p95' | 'p99'): Markup => {
    const { ms, low, high } = phase[name]
    if (phase.requests === 0) return html`<td>none</td>`
    if (ms === null) return html`<td class="bad">failed</td>`
    const to = high === null ? 'failed' : figure(`${at}/${name}/high`)
    return html`<td>${figure(`${at}/${name}/ms`)}${low === null ? null : html` <span class="note">${figure(`${at}/${name}/low`)} to ${to}</span>`}</td>`
  }
  return html`<tr><th scope="row">${figure(`${at}/rate`)}</th><td>${figure(`${at}/requests`)}</td><td>${figure(`${at}/failed`)}</td>${percentile('p50')}${percentile('p95')}${percentile('p99')}<td class="words">${phase.doubt ?? 'no'}</td></tr>`
}

/** Latency by load. A percentile that is a failed request has no point. */
function curve({ what, phases }: MeasuredOperation): Markup | null {
  const looks = { p50: 'first', p95: 'second', p99: 'third' } as const
  return plot({
    title: `Latency of ${what} by load`,
    x: 'requests a second',
    y: 'ms',
    lines: (['p50', 'p95', 'p99'] as const).map((name) => ({
      ...{ name, look: looks[name], marked: true },
      points: phases.flatMap((phase) => (phase[name].ms === null ? [] : [{ x: phase.rate, y: phase[name].ms }])),
    })),
  })
}

function mix({ mix: all, operations: measured }: PerformanceReport, figure: Figure): Markup | null {
  if (all === null) return null
  const rows = all.operations.map(({ id, p99 }, i) => {
    const at = `/performance/mix/operations/${i}`
    const what = measured.find((one) => one.id === id)?.what ?? id
    return html`<tr><th scope="row"><code>${what}</code></th><td>${figure(`${at}/requests`)}</td><td>${figure(`${at}/failed`)}</td><td>${p99.ms === null ? 'failed' : figure(`${at}/p99/ms`)}</td></tr>`
  })
  return html`<h3>All operations together</h3>
<p>Reads four times as often as writes, and new accounts a tenth as often as other writes. At most ${figure('/performance/mix/ceiling/perSecond')} requests a second; ${figure('/performance/mix/ceiling/failed')} failed.</p>
${table('All operations together', ['requests/s', 'requests', 'failed', 'p50, ms', 'p95, ms', 'p99, ms', 'in doubt'], [phaseRow(all.phase, '/performance/mix/phase', figure)])}
${table('Each operation in the mix', ['operation', 'requests', 'failed', 'p99, ms'], rows)}`
}
