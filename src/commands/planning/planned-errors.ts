/** The failures of a plan that leave in another form than that of Plinth. */

import { FAILURES, INTERNAL_CODES } from '../../base/failures/failure-catalogue.ts'
import { type ErrorFormat, shownCode } from '../../model/errors/error-format.ts'
import type { Model } from '../../model/model.ts'
import { columns } from '../terminal/layout.ts'

/** A code that has another status, name or message. */
export interface PlannedError {
  readonly code: string
  /** `404`, or `400 → 422`. */
  readonly status: string
  /** The name of its problem; null for what the entity is called. */
  readonly name: string | null
  readonly message: string | null
  /** The path to which browsers are led; null for none. */
  readonly redirect: string | null
}

/** The codes that differ, in the order of the catalogue, and then the codes of the design. */
export function plannedErrors({ errors, codes }: Model): readonly PlannedError[] {
  if (errors === null) return []
  const own = codes.filter(({ code }) => !Object.hasOwn(FAILURES, code))
  const built = Object.entries(FAILURES).flatMap(([code, { status }]) => (INTERNAL_CODES.has(code) ? [] : [{ code, status }]))
  return [...built, ...own].flatMap((of) => differing(errors, of))
}

function differing(errors: ErrorFormat, of: { readonly code: string; readonly status: number }): readonly PlannedError[] {
  const shown = shownCode(errors, of)
  if (shown === undefined) return []
  const status = shown.status === null || shown.status === of.status ? String(of.status) : `${of.status} → ${shown.status}`
  return [{ code: of.code, status, name: shown.name, message: shown.message, redirect: shown.redirect }]
}

/** The table of these codes; empty without one. */
export function errorLines(errors: readonly PlannedError[], heading: string): readonly string[] {
  if (errors.length === 0) return []
  const rows = errors.map(({ code, status, name, message, redirect }) => [
    code,
    status,
    name ?? '',
    [...(message === null ? [] : [`"${message}"`]), ...(redirect === null ? [] : [`leads browsers to ${redirect}`])].join(', '),
  ])
  return [heading, ...columns(rows, '  ')]
}
