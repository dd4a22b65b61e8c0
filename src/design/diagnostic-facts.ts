/** What there is to say of a kind of finding, whichever design it is found in. */

import type { Severity } from '../base/diagnostic.ts'

export interface DiagnosticFacts {
  readonly severity: Severity
  readonly title: string
  readonly meaning: string
  readonly remedy: string
}
