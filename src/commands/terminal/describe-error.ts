/** What a person is told about an error that ended a command. */

import { EnvironmentError } from '../../base/environment-error.ts'
import { UsageError } from './usage-error.ts'

export interface Problem {
  readonly message: string
  readonly hint: string
  readonly exit: number
}

/** Not among a command's own exit codes: sysexits' EX_SOFTWARE, for a defect of Plinth. */
const DEFECT = 70

/** Turns what was thrown into words and an exit code. Only a defect shows its stack. */
export function describeError(error: unknown): Problem {
  if (error instanceof UsageError) return { message: error.message, hint: error.hint, exit: 2 }
  if (error instanceof EnvironmentError) return { message: error.message, hint: error.hint, exit: 3 }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { message: `a defect of Plinth: ${stack}`, hint: 'please report it, with the design if you can', exit: DEFECT }
}
