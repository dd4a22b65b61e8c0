/** What there is to say of a kind of finding, whichever design it is found in. */

import type { Severity } from '../../base/diagnostic.ts'

/** One kind of finding: how bad it is, what it means and what to do about it. */
export interface DiagnosticFacts {
  readonly severity: Severity
  readonly title: string
  readonly meaning: string
  readonly remedy: string
}
