/**
 * `index.html` of the hand-over, for people. The verdict comes first, then what they must decide, what was not done and what was not
 * tested. It needs no script and no network.
 */

import type { ClaimVerdict } from '../../verify/report/claims-of.ts'
import { html, type Markup, type MarkupPart } from '../../verify/report/page/markup.ts'
import { type DeliveredFigure, figureText } from '../evidence/part.ts'
import { DELIVERABLES, type DeliverableName } from '../evidence/parts.ts'
import type { Deliverable, Handover } from '../handover/handover.ts'
import { documentPage } from './document-page.ts'

const TITLES: Readonly<Record<DeliverableName, string>> = {
  code: 'Working code',
  documentation: 'Documentation',
  performance: 'Performance',
  tests: 'Tests and coverage',
  security: 'Security',
  scalability: 'Scalability',
}
const VERDICTS: Readonly<Record<ClaimVerdict, string>> = {
  holds: 'holds',
  fails: 'fails',
  undecided: 'undecided',
  'not-tested': 'not tested',
}
/** Items of a list on the first screen. */
const FIRST = 4

/** Where people look at each deliverable, relative to the page. */
export type Links = Readonly<Record<DeliverableName, string>>

/** The page of a hand-over. The same hand-over gives the same page. */
export function indexPage(handover: Handover, links: Links): string {
  const { name, description, summary, made, deliverables, openQuestions, deviations, assumptions, notTested, commands } = handover
  const day = new Date(made.verifiedAt).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
  const body = html`<header><p class="kicker">Hand-over</p>
<h1>${name}: ${verdictWords(handover)}</h1>
${description === null ? null : html`<p class="lead">${description}</p>`}
<p>${summary}.</p></header>
<main>
<div class="first">
<section aria-labelledby="six"><h2 id="six">The six deliverables</h2><ul class="cards">${DELIVERABLES.map((part) => card(part, deliverables[part], links[part]))}</ul></section>
<div class="asides">
${aside(
  'You decide',
  openQuestions.map(({ ask, taken }) => html`<b>${ask}</b> Until then: ${taken}.`),
  'Nothing is open.',
)}
${aside(
  'Not done',
  deviations.map(({ asked, done, offer }) => html`<b>${asked}:</b> ${done}. ${offer}`),
  'All that the design asks for is done.',
)}
${aside(
  'Not tested',
  notTested.map(({ what, why }) => html`<b>${what}:</b> ${why}`),
  'Nothing that is known of.',
)}
</div></div>
<section aria-labelledby="commands"><h2 id="commands">Try it</h2>
<p>In the folder <code>code</code>, with Node 24.7 or newer:</p>
<pre tabindex="0" role="region" aria-label="Commands">${commands.install}
${commands.test}
${commands.run}</pre>
<p class="note">The verification is repeated by <code>${commands.repeat}</code>.<br>
Verified on <time datetime="${made.verifiedAt}">${day}</time> with Plinth ${made.plinth}. Design <code>${made.design}</code>.
<code>sha256sum -c SHA256SUMS</code> checks that no file has changed since.</p></section>
${requirementsMarkup(handover)}
<section aria-labelledby="figures"><h2 id="figures">What was measured</h2>
<p class="note">Each figure is in <a href="verification/report.json">report.json</a> at the place in the last column.</p>
${DELIVERABLES.map((part) => partMarkup(part, deliverables[part]))}</section>
${assumptions.length === 0 ? null : html`<section aria-labelledby="assumed"><h2 id="assumed">What was assumed</h2><ul>${assumptions.map(({ text }) => html`<li>${text}</li>`)}</ul></section>`}
<section aria-labelledby="gaps"><h2 id="gaps">Everything that was not tested</h2><ul>${notTested.map(({ what, why }) => html`<li><b>${what}:</b> ${why}</li>`)}</ul></section>
</main>`
  return documentPage(`${name}: hand-over`, body)
}

/** What was asked for, what meets it, and what was seen. */
function requirementsMarkup({ requirements }: Handover): Markup | null {
  if (requirements.length === 0) return null
  const rows = requirements.map(({ id, text, source, status, by, result, cases: [passed, of] }) => {
    const from = source === null ? null : html` <span class="note">${source}</span>`
    const seen = of === 0 ? null : html` <span class="note">${passed} of ${of} cases</span>`
    const met = status === 'met' ? by.join(', ') : status
    return html`<tr><th scope="row">${id}</th><td>${text}${from}</td><td>${met}</td><td><span class="tag ${result}">${VERDICTS[result]}</span>${seen}</td></tr>`
  })
  const titles = ['id', 'asked for', 'met by', 'result'].map((title) => html`<th scope="col">${title}</th>`)
  return html`<section aria-labelledby="requirements"><h2 id="requirements">What was asked for</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Requirements"><table><thead><tr>${titles}</tr></thead><tbody>${rows}</tbody></table></div></section>`
}

/** The verdict of the whole, in words. */
export function verdictWords({ status, deliverables, openQuestions, deviations }: Handover): string {
  const of = (verdict: ClaimVerdict): number => DELIVERABLES.filter((part) => deliverables[part].verdict === verdict).length
  if (status === 'blocked') return `does not work as designed, ${of('fails')} of 6 deliverables fail`
  if (status === 'complete') return 'works, and nothing is open'
  const open = [
    [openQuestions.length, 'question open', 'questions open'],
    [deviations.length, 'part of the design not done', 'parts of the design not done'],
    [of('undecided'), 'deliverable undecided', 'deliverables undecided'],
    [of('not-tested'), 'deliverable not tested', 'deliverables not tested'],
  ] as const
  const said = open.filter(([n]) => n > 0).map(([n, one, many]) => `${n} ${n === 1 ? one : many}`)
  return of('not-tested') === DELIVERABLES.length
    ? 'not tested'
    : `works as far as it was tested${said.length === 0 ? '' : `, ${said.join(', ')}`}`
}

function card(part: DeliverableName, { verdict, figures, summary }: Deliverable, link: string): Markup {
  const [figure, ...more] = figures
  // Items of the same list that are something else: not tested, not applicable.
  const others = more.filter(({ from, counts, value }) => counts !== undefined && from === figure?.from && value > 0)
  return html`<li><h3><a href="${link}">${TITLES[part]}</a></h3>
<p class="card-verdict"><span class="tag ${verdict}">${VERDICTS[verdict]}</span></p>
<p class="note">${figure === undefined ? summary : html`${figure.name}: <b>${figureText(figure)}</b>${others.map(({ name, value }) => html`, ${name}: ${value}`)}`}</p></li>`
}

function aside(title: string, items: readonly Markup[], none: string): Markup {
  const id = title.toLowerCase().replaceAll(' ', '-')
  const shown = items.slice(0, FIRST).map((item) => html`<li>${item}</li>`)
  const more = items.length > FIRST && html`<li><a href="#gaps">and ${items.length - FIRST} more</a></li>`
  const list: MarkupPart = items.length === 0 ? html`<p class="note">${none}</p>` : html`<ul>${shown}${more}</ul>`
  return html`<section class="aside" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${list}</section>`
}

function partMarkup(part: DeliverableName, { verdict, summary, figures, limits }: Deliverable): Markup {
  const rows = figures.map(
    (figure) => html`<tr><th scope="row">${figure.name}</th><td>${figureText(figure)}</td><td><code>${placeOf(figure)}</code></td></tr>`,
  )
  const table = html`<div class="scroll" tabindex="0" role="region" aria-label="Figures of ${TITLES[part]}"><table><thead><tr><th scope="col">what</th><th scope="col">figure</th><th scope="col">in the report</th></tr></thead><tbody>${rows}</tbody></table></div>`
  return html`<h3>${TITLES[part]} <span class="tag ${verdict}">${VERDICTS[verdict]}</span></h3><p>${summary}</p>
${figures.length === 0 ? null : table}${limits.length === 0 ? null : html`<ul class="note">${limits.map((limit) => html`<li>${limit}</li>`)}</ul>`}`
}

function placeOf({ from, of, counts = {} }: DeliveredFigure): string {
  const counted = Object.entries(counts).map(([member, value]) => ` with ${member.replace(/^\//, '')} ${value}`)
  // Of all items of a list, the list is named already.
  return `${from}${counted.join('')}${of === undefined || of.from === from ? '' : ` of ${of.from}`}`
}
