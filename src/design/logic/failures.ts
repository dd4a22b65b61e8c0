/** The failures that steps name: their status and words. */

import { FAILURES } from '../../base/failures/failure-catalogue.ts'
import type { Action, ActionFailure } from '../../model/action.ts'
import type { LogicContext } from './logic-context.ts'

/** The status of a failure that declares none. */
const CONFLICT = 409

/** The failures that the design declares under `errors`; a status stands for no failure of its own. */
export function declaredFailures(context: LogicContext): readonly ActionFailure[] {
  const codes = Object.keys(context.design.errors?.codes ?? {}).filter((code) => !/^\d+$/.test(code))
  return codes.map((code) => failureOf(code, context))
}

/** The codes that the steps of actions name. */
export function namedCodes(actions: readonly Action[]): ReadonlySet<string> {
  const failures = actions.flatMap(({ steps }) => steps.flatMap((step) => ('else' in step && step.else !== null ? [step.else.code] : [])))
  return new Set(failures)
}

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

/** The status that clients get for a code: its own, or what the design says about its status as a whole. */
export function shownStatusOf(code: string, context: LogicContext): number {
  const { [code]: own, [String(failureOf(code, context).status)]: group } = context.design.errors?.codes ?? {}
  return own?.status ?? group?.status ?? failureOf(code, context).status
}
