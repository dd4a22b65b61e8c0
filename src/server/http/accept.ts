/** The `Accept` header (RFC 9110 section 12.5.1). */

import { failure } from '../../base/failure.ts'

/** Checks that a client accepts JSON. @throws Failure `not_acceptable` when its `Accept` header excludes it. */
export function requireAcceptable(accept: string | undefined): void {
  if (accept === undefined || accept.includes('*/*')) return
  if (!/\bapplication\/(?:\*|(?:[\w.-]+\+)?json)/i.test(accept)) throw failure('not_acceptable', {})
}
