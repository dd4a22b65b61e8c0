/** The section about another build: what each operation costs here and there. */

import type { ComparedOperation } from '../../performance/performance-report.ts'
import type { Figure } from './figures.ts'
import { html, type Markup } from './markup.ts'
import { type Page, type Section, table } from './section.ts'

/** The section; null without a comparison. */
export function buildsSection({ report: { builds }, figure }: Page): Section | null {
  if (builds === null) return null
  return {
    id: 'builds',
    title: 'Compared with another build',
    body: html`<p>With <code>${builds.with}</code>, served by Plinth ${figure('/builds/plinth')}. Both builds got the same requests at the same time and in turns (old, new, new, old), each on a database of its own with the same rows.
The ratio is new ÷ old of the processor time of server and database for one request, which feels the neighbours of a machine little, or of the time that passed where that cannot be seen. Intervals are of 99 %. An operation has regressed if all of the interval is above 1.05, and is unchanged within 0.93 and 1.075.</p>
${table(
  'Cost in both builds',
  ['operation', 'verdict', 'ratio', 'ms before', 'ms now', 'time to the answer', 'why'],
  builds.operations.map((one, i) => row(one, `/builds/operations/${i}`, figure)),
)}`,
  }
}

/** How a verdict looks. */
const TAGS = { regressed: 'fails', faster: 'holds', unchanged: 'holds', noisy: 'undecided', 'not compared': 'undecided' } as const
const WORDS = { noisy: 'too noisy to say' } as const

function row(one: ComparedOperation, at: string, figure: Figure): Markup {
  const { what, verdict, why, old, new: now } = one
  const said = verdict === 'noisy' ? WORDS[verdict] : verdict
  const interval = (name: 'ratio' | 'elapsed'): Markup =>
    one[name] === null
      ? html`<td>none</td>`
      : html`<td>${figure(`${at}/${name}/value`)} <span class="note">${figure(`${at}/${name}/low`)} to ${figure(`${at}/${name}/high`)}</span></td>`
  const cost = (name: 'old' | 'new'): Markup => {
    const of = name === 'old' ? old : now
    if (of === null) return html`<td>none</td>`
    if (of.serverMs === null || of.databaseMs === null) return html`<td>${figure(`${at}/${name}/elapsedMs`)}</td>`
    return html`<td>${figure(`${at}/${name}/serverMs`)} + ${figure(`${at}/${name}/databaseMs`)}</td>`
  }
  return html`<tr><th scope="row"><code>${what}</code></th><td><span class="tag ${TAGS[verdict]}">${said}</span></td>${interval('ratio')}${cost('old')}${cost('new')}${interval('elapsed')}<td class="words">${why}</td></tr>`
}
