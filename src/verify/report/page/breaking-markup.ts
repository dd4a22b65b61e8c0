/** What breaks first with more load or more rows, as a table. */

import type { PerformanceReport } from '../../performance/performance-report.ts'
import type { Figure } from './figures.ts'
import { html, type Markup } from './markup.ts'
import { table } from './section.ts'

/** The table; null where nothing was judged. */
export function breakingMarkup({ breaking }: PerformanceReport, figure: Figure): Markup | null {
  if (breaking === null) return null
  const rows = breaking.limits.map(({ resource, where, axis, unit, times, basis, isProven, why, change }, i) => {
    const at = `/performance/breaking/limits/${i}`
    return html`<tr><th scope="row" class="words">${resource}${isProven ? null : html` <span class="note">suspected</span>`}<br><code>${where}</code></th><td>${figure(`${at}/at`)} ${unit}<br>${figure(`${at}/times`)} × the ${axis === 'rows' ? 'rows' : 'load'} <span class="note">${basis}</span></td><td>${holdsAt(times, 10)} at 10 ×<br>${holdsAt(times, 100)} at 100 ×</td><td class="words">${why}<p><b>Change:</b> ${change}</p></td></tr>`
  })
  const steps = breaking.next.map(({ step, unit, why }, i) => {
    return html`<tr><th scope="row">${step}</th><td>${figure(`/performance/breaking/next/${i}/at`)} ${unit}</td><td class="words">${why}</td></tr>`
  })
  const left = breaking.left.map(({ what, why }) => html`<li>${what}: ${why}</li>`)
  return html`<h3>What breaks first</h3>
<p class="note">The first line comes first. Expected are ${figure('/performance/breaking/expected/perSecond')} requests a second (${breaking.expected.from}) and the rows that were loaded. Each figure is that of one resource alone; server, database and load generator shared the processors here, so this is no throughput of this machine.</p>
${table('Resources by the load at which they end', ['resource, mostly for', 'ends at', 'growth', 'why, and what to change'], rows, 'stacked')}
<h3>When one machine is not enough</h3>
${table('What to add, and from which figure on', ['add', 'from', 'because'], steps, 'stacked')}
<p class="note">Not judged:</p><ul class="note">${left}</ul>`
}

function holdsAt(times: number, load: number): Markup {
  return times >= load ? html`<span class="holds">holds</span>` : html`<span class="fails">ends</span>`
}
