/** What a section of the page is, and what it is made of. */

import type { VerifyReport } from '../report-of.ts'
import type { Figure } from './figures.ts'
import type { Markup } from './markup.ts'

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
