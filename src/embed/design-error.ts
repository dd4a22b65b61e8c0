/** The error of a design that cannot be used. */

import { type Diagnostic, formatDiagnostic } from '../base/diagnostic.ts'

/** A design has errors. `message` contains every finding, one per line, errors first; `findings` contains the same as data. */
export class DesignError extends Error {
  override readonly name = 'DesignError'
  readonly findings: readonly Diagnostic[]

  constructor(findings: readonly Diagnostic[]) {
    const errors = findings.filter(({ severity }) => severity === 'error')
    const others = findings.filter(({ severity }) => severity !== 'error')
    const count = `${errors.length} error${errors.length === 1 ? '' : 's'}`
    super([`the design has ${count}:`, ...[...errors, ...others].map(formatDiagnostic)].join('\n'))
    this.findings = findings
  }
}
