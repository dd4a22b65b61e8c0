/** Findings about a document that is still being read; its parts have no paths yet. */

import type { Diagnostic, SourceRef } from '../../base/diagnostic.ts'
import type { DiagnosticCode } from '../findings/catalogue.ts'
import { severityOf } from '../findings/catalogue.ts'
import { MAX_FINDINGS, withRemedy } from '../findings/report.ts'

/** A finding with its place in a file. */
export interface Finding {
  readonly code: DiagnosticCode
  readonly at: Omit<SourceRef, 'path'>
  readonly message: string
  readonly hint?: string
}

/** The findings as diagnostics of a document that has no paths yet. */
export function diagnosticsOf(findings: readonly Finding[]): readonly Diagnostic[] {
  return findings.slice(0, MAX_FINDINGS).map(({ code, at, message, hint }) => ({
    code,
    severity: severityOf(code),
    at: { path: [], ...at },
    ...withRemedy(code, message, hint),
  }))
}
