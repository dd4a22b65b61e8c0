/** Everything that can be found in a design: one row a code. Findings, `plan` and the reference read their severity and words from here. */

import type { DiagnosticFacts, Severity } from '../../base/diagnostic.ts'
import { EXPRESSION_CODES } from '../expression/catalogue.ts'
import { READING, STRUCTURE } from './catalogue-document.ts'
import { MEANING } from './catalogue-meaning.ts'
import { REVIEW } from './catalogue-review.ts'

const OWN = { ...READING, ...STRUCTURE, ...MEANING, ...REVIEW } as const

export const CATALOGUE = { ...OWN, ...EXPRESSION_CODES } as const satisfies Record<string, DiagnosticFacts>

export type DiagnosticCode = keyof typeof CATALOGUE

/** How grave a finding of the code is. */
export function severityOf(code: DiagnosticCode): Severity {
  return CATALOGUE[code].severity
}
