/** The outcome of a command for a design with errors. */

import type { Outcome } from '../terminal/command.ts'
import { diagnosticLines } from '../terminal/event.ts'
import { count } from '../terminal/layout.ts'
import type { Style } from '../terminal/style.ts'
import type { LoadedDesign } from './load-design.ts'

/** Makes the outcome: every finding, and exit code 1. */
export function unusableDesign(design: LoadedDesign, style: Style): Outcome {
  const errors = design.diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length
  const message = `${design.file} has ${count(errors, 'error')}; nothing was started or changed`
  return {
    exit: 1,
    reason: { message, hint: 'correct the errors that the findings name' },
    data: { design: design.file, findings: design.diagnostics },
    text: [...diagnosticLines(design.diagnostics, style), '', style.red(message)].join('\n'),
  }
}
