/** The failures that steps name: their status and words. */

import { FAILURES } from '../../base/failure.ts'
import type { ActionFailure } from '../../model/action.ts'
import type { LogicContext } from './logic-context.ts'

/** The status of a failure that declares none. */
const CONFLICT = 409

/** The failure of a code: as declared under `errors`, as in the catalogue of Plinth, or 409 with the words of the code as its message. */
export function failureOf(code: string, { design }: LogicContext): ActionFailure {
  const declared = design.errors?.codes?.[code]
  const builtIn = Object.hasOwn(FAILURES, code) ? FAILURES[code as keyof typeof FAILURES] : undefined
  return {
    code,
    status: declared?.status ?? builtIn?.status ?? CONFLICT,
    message: declared?.message ?? builtIn?.title ?? code.replaceAll('_', ' '),
  }
}
