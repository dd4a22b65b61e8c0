/** The section of the page about requirements: what was asked for, what meets it, and what was seen. */

import type { RequirementRow } from '../requirements-of.ts'
import type { Figure } from './figures.ts'
import { html, type Markup } from './markup.ts'
import { type Page, type Section, table } from './section.ts'

/** The table of the requirements; null for a design without any. */
export function requirementsSection({ report, figure }: Page): Section | null {
  if (report.requirements.length === 0) return null
  const rows = report.requirements.map((one, i) => row(one, `/requirements/${i}`, figure))
  return {
    id: 'requirements',
    title: 'Requirements',
    body: html`<p class="note">What was asked for, the parts of the design, scenarios and tests that meet it, and what the cases about them say. A requirement holds
if each of its parts does.</p>
${table('Requirements', ['id', 'asked for', 'met by', 'verdict', 'cases', 'failed'], rows)}`,
  }
}

function row({ id, text, source, status, verdict, parts }: RequirementRow, at: string, figure: Figure): Markup {
  const from = source === null ? null : html` <span class="note">${source}</span>`
  const met = parts.map(
    ({ name, verdict: own, why }) =>
      html`<li><code>${name}</code> <span class="tag ${own}">${own}</span>${why === '' ? null : html` <span class="note">${why}</span>`}</li>`,
  )
  const by = parts.length === 0 ? status : html`<ul>${met}</ul>`
  const figures = ['cases', 'failed'].map((name) => html`<td>${figure(`${at}/${name}`)}</td>`)
  return html`<tr><th scope="row">${id}</th><td>${text}${from}</td><td>${by}</td><td><span class="tag ${verdict}">${verdict}</span></td>${figures}</tr>`
}
