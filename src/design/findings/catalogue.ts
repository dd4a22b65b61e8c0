/** The catalogue of all findings: one row for each code. Findings, `plan` and the reference page use its severities and texts. */

import type { DiagnosticFacts, Severity } from '../../base/diagnostic.ts'
import { EXPRESSION_CODES } from '../expression/catalogue.ts'
import { BROKER_FINDINGS } from './catalogue-broker.ts'
import { CONTRACT } from './catalogue-contract.ts'
import { READING, STRUCTURE } from './catalogue-document.ts'
import { ENDPOINT_FINDINGS } from './catalogue-endpoints.ts'
import { ERRORS } from './catalogue-errors.ts'
import { FILE_FINDINGS } from './catalogue-files.ts'
import { JOB_FINDINGS } from './catalogue-jobs.ts'
import { LOGIC } from './catalogue-logic.ts'
import { MAIL } from './catalogue-mail.ts'
import { MEANING } from './catalogue-meaning.ts'
import { PAGES } from './catalogue-pages.ts'
import { PRIVACY_FINDINGS } from './catalogue-privacy.ts'
import { REQUIREMENT_FINDINGS } from './catalogue-requirements.ts'
import { REVIEW } from './catalogue-review.ts'
import { SERVICE_FINDINGS } from './catalogue-services.ts'
import { WEBHOOK_FINDINGS } from './catalogue-webhooks.ts'

const OWN = {
  ...READING,
  ...STRUCTURE,
  ...MEANING,
  ...REVIEW,
  ...LOGIC,
  ...ENDPOINT_FINDINGS,
  ...CONTRACT,
  ...PAGES,
  ...ERRORS,
  ...MAIL,
  ...JOB_FINDINGS,
  ...WEBHOOK_FINDINGS,
  ...FILE_FINDINGS,
  ...SERVICE_FINDINGS,
  ...BROKER_FINDINGS,
  ...REQUIREMENT_FINDINGS,
  ...PRIVACY_FINDINGS,
} as const

/** All findings by code. */
export const CATALOGUE = { ...OWN, ...EXPRESSION_CODES } as const satisfies Record<string, DiagnosticFacts>

/** A code of the catalogue. */
export type DiagnosticCode = keyof typeof CATALOGUE

/** The severity of a code. */
export function severityOf(code: DiagnosticCode): Severity {
  return CATALOGUE[code].severity
}
