/** The section of gaps: what is undecided, what was not tested, and what nothing can ask. */

import { capital } from '../../../base/capital.ts'
import { html, type Markup, type MarkupPart } from './markup.ts'
import type { Page, Section } from './section.ts'

const GAP_KINDS = {
  excluded: 'left out by an option',
  unreachable: 'nothing can ask it',
} as const

/** All gaps with their reasons. */
export function gapsSection(page: Page): Section {
  return {
    id: 'gaps',
    title: 'Undecided, not tested, unreachable',
    body: html`${undecided(page)}
<h3>Not tested</h3><ul>${notTested(page)}</ul>
${unreachable(page)}`,
  }
}

function undecided({ report, figure }: Page): Markup {
  const items = report.claims.flatMap((claim, i) => {
    if (claim.result.verdict !== 'undecided') return []
    const reached = html`${figure(`/claims/${i}/result/reached`)} of ${figure(`/claims/${i}/denominator/reachable`)}`
    const open = html`${figure(`/claims/${i}/denominator/open`)} open`
    return [html`<li><b>${claim.id}</b>: ${reached} ${claim.denominator.what}, ${open}. ${listed('What is open', claim.open)}</li>`]
  })
  return items.length === 0 ? html`<p>No claim is undecided.</p>` : html`<h3>Undecided</h3><ul>${items}</ul>`
}

/** What was not tested, by reason. */
function notTested({ report, figure }: Page): readonly Markup[] {
  const placed = report.notTested.map((one, i) => ({ ...one, i }))
  return [...Map.groupBy(placed, ({ why, kind }) => `${kind} ${why}`).values()].map((same) => {
    const [first] = same
    if (first === undefined) return html``
    const tag = first.kind === 'missing' ? null : html` <span class="tag">${GAP_KINDS[first.kind]}</span>`
    const countOf = ({ count, i }: (typeof placed)[number]): MarkupPart => count !== null && [figure(`/notTested/${i}/count`), ' ']
    return same.length === 1
      ? html`<li>${countOf(first)}<b>${first.what}</b>: ${first.why}${tag}</li>`
      : html`<li><b>${capital(first.why)}</b>:${tag}<ul>${same.map((one) => html`<li>${countOf(one)}${one.what}</li>`)}</ul></li>`
  })
}

function unreachable({ report }: Page): Markup | null {
  const claims = report.claims.filter(({ unreachable: names, family }) => names.length > 0 && family !== 'mutants')
  if (claims.length === 0) return null
  return html`<h3>Unreachable</h3>
<p class="note">All combinations of values were tried, and none gives these conditions this value where it decides.</p>
<ul>${claims.map((claim) => html`<li><b>${claim.id}</b>: ${claim.unreachable.join(', ')}</li>`)}</ul>`
}

function listed(title: string, names: readonly string[]): Markup | null {
  if (names.length === 0) return null
  return html`<details><summary>${title}</summary><ul>${names.map((name) => html`<li>${name}</li>`)}</ul></details>`
}
