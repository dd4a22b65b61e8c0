/** What a section of the page is, and what it is made of. */

import type { VerifyReport } from '../report-of.ts'
import type { Figure } from './figures.ts'
import { html, type Markup } from './markup.ts'

/** A report and its figures. */
export interface Page {
  readonly report: VerifyReport
  readonly figure: Figure
}

/** A section: its name in the table of contents, and what it shows. */
export interface Section {
  readonly id: string
  readonly title: string
  readonly body: Markup
}

/** A table that can be scrolled. @param label what it shows, for people who do not see it. */
export function table(label: string, columns: readonly string[], rows: readonly Markup[], look: 'wide' | 'stacked' = 'wide'): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table class="${look}"><thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`
}
