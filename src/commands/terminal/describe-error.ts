/** Texts for an error that ended a command. */

import { EnvironmentError } from '../../base/environment-error.ts'
import { UsageError } from './usage-error.ts'

/** An error in words, with its exit code. */
export interface Problem {
  readonly message: string
  readonly hint: string
  readonly exit: number
}

/** The exit code for a defect of Plinth: EX_SOFTWARE of sysexits. */
const DEFECT = 70

/** Converts a thrown value. Only a defect shows its stack. */
export function describeError(error: unknown): Problem {
  if (error instanceof UsageError) return { message: error.message, hint: error.hint, exit: 2 }
  if (error instanceof EnvironmentError) return { message: error.message, hint: error.hint, exit: 3 }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { message: `a defect of Plinth: ${stack}`, hint: 'please report it, with the design if possible', exit: DEFECT }
}
