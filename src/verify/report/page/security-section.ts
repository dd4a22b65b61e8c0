/** The section of the page about security: the classes of faults, with what asked about each. */

import type { VerifyReport } from '../report-of.ts'
import type { SecurityRow } from '../security-of.ts'
import type { Figure } from './figures.ts'
import { html, type Markup, type MarkupPart } from './markup.ts'
import type { Page, Section } from './section.ts'

/** The table of the classes. */
export function securitySection({ report, figure }: Page): Section {
  const titles = ['class', 'fault', 'verdict', 'cases', 'passed', 'failed', 'OWASP'].map((title) => html`<th scope="col">${title}</th>`)
  return {
    id: 'security',
    title: 'Security',
    body: html`<p class="note">Classes of faults of Web APIs, with their place in the OWASP API Security Top 10 of 2023. Each case counts
for every class that it could have shown. A class without cases is never passed.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Classes of faults"><table>
<thead><tr>${titles}</tr></thead>
<tbody>${report.security.map((row, i) => classRow(row, `/security/${i}`, figure))}</tbody></table></div>
${requirements(report.asvs, figure)}`,
  }
}

/** Requirements of ASVS; those that need a look first, all of them below. */
function requirements(asvs: VerifyReport['asvs'], figure: Figure): Markup {
  const titles = ['number', 'requirement', 'verdict', 'cases', 'failed', 'level', 'shown by'].map(
    (title) => html`<th scope="col">${title}</th>`,
  )
  const row = ({ requirement, level, what, verdict, why, claims }: VerifyReport['asvs'][number], i: number): Markup => {
    const note = why === '' ? null : html` <span class="note">${coded(why)}</span>`
    const figures = ['cases', 'failed'].map((name) => html`<td>${figure(`/asvs/${i}/${name}`)}</td>`)
    return html`<tr><th scope="row">${requirement}</th><td>${coded(what)}</td><td><span class="tag ${TAGS[verdict]}">${verdict}</span>${note}</td>${figures}<td>${level}</td><td>${claims.join(', ')}</td></tr>`
  }
  const failed = asvs.flatMap((one, i) => (one.verdict === 'failed' ? [row(one, i)] : []))
  const table = (label: string, rows: readonly Markup[]): Markup =>
    html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table><thead><tr>${titles}</tr></thead><tbody>${rows}</tbody></table></div>`
  return html`<h3>Requirements of OWASP ASVS 5.0</h3>
<p class="note">Those that concern a backend, in words of our own. What nothing tests is not tested; what is not applicable follows from a condition on the design.</p>
${failed.length === 0 ? html`<p>None failed.</p>` : table('Failed requirements of ASVS', failed)}
<details><summary>All requirements</summary>${table('Requirements of ASVS', asvs.map(row))}</details>`
}

/** A text whose parts between backticks are code. */
function coded(text: string): readonly MarkupPart[] {
  return text.split('`').map((part, i) => (i % 2 === 0 ? part : html`<code>${part}</code>`))
}

const TAGS = {
  done: 'holds',
  failed: 'fails',
  undecided: 'undecided',
  'not-tested': 'not-tested',
  'not-applicable': 'not-applicable',
} as const

function classRow(row: SecurityRow, at: string, figure: Figure): Markup {
  const verdict = html`<span class="tag ${row.verdict}">${row.verdict}</span>${row.why === '' ? null : html` <span class="note">${row.why}</span>`}`
  const figures = ['cases', 'passed', 'failed'].map((name) => html`<td>${figure(`${at}/${name}`)}</td>`)
  return html`<tr><th scope="row">${row.class}</th><td>${row.what}${asked(row, at, figure)}</td><td>${verdict}</td>${figures}<td>${row.owasp}</td></tr>`
}

/** The kinds of cases that are about a class, and those that failed. */
function asked({ shares, failing }: SecurityRow, at: string, figure: Figure): Markup | null {
  if (shares.length === 0) return null
  const kinds = shares.map(
    ({ what }, i) => html`<li>${what}: ${figure(`${at}/shares/${i}/cases`)}, ${figure(`${at}/shares/${i}/failed`)} failed</li>`,
  )
  const failed = failing.map((name) => html`<li><code>${name}</code></li>`)
  return html`<details><summary>what was asked</summary><ul>${kinds}</ul>
${failing.length === 0 ? null : html`<p>Failed:</p><ul>${failed}</ul>`}</details>`
}
