/** What a client takes (RFC 9110 section 12.5.1). */

import { failure } from '../../base/failure.ts'

/** For addresses that answer with JSON alone. @throws Failure `not_acceptable` for a client that excludes it. */
export function requireAcceptable(accept: string | undefined): void {
  if (accept === undefined || accept.includes('*/*')) return
  if (!/\bapplication\/(?:\*|(?:[\w.-]+\+)?json)/i.test(accept)) throw failure('not_acceptable', {})
}
