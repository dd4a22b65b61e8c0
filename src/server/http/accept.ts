/** The `Accept` header (RFC 9110 section 12.5.1). */

import { failure } from '../../base/failure.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Endpoint } from '../../compile/endpoints/endpoint.ts'
import { wanted } from './media/accept-type.ts'

/** Checks that a client accepts what an endpoint answers. @throws Failure `not_acceptable` when its `Accept` header excludes it. */
export function requireAcceptable(answers: Endpoint['answers'], accept: string | undefined): void {
  switch (answers) {
    case 'json':
      requireJson(accept)
      break
    case 'csv':
    case 'html':
      if (wanted(accept, `text/${answers}`) === 0) throw failure('not_acceptable', { media: `text/${answers}` })
      break
    case 'redirect':
    case 'page':
    case 'file':
    case 'graphql':
      break
    default:
      unreachable(answers)
  }
}

function requireJson(accept: string | undefined): void {
  if (accept === undefined || accept.includes('*/*')) return
  if (!/\bapplication\/(?:\*|(?:[\w.-]+\+)?json)/i.test(accept)) throw failure('not_acceptable', { media: 'application/json' })
}
