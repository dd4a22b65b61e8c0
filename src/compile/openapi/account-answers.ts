/** The answers to the creation of an account, which may hide that another account has the login. */

import type { EntityView } from '../rules/view.ts'
import { componentRef, type JsonObject } from './component-names.ts'
import { hidesFromSome, type Scope } from './scope.ts'

/** The headers of an answer to a write with an `Idempotency-Key`. */
export const REPLAYED = { 'Idempotency-Replayed': componentRef('headers', 'IdempotencyReplayed') }

/** The answer that does not tell whether another account has the login. */
export const ACCEPTED = {
  202: {
    description:
      'Accepted. The answer is the same whether the account was created or another account has the login; no body. Sign in to use the account.',
    headers: REPLAYED,
  },
}

/** The successful answers to a create: for callers who are told whether a login is taken, and for those who are not. */
export function createdAnswers(scope: Scope, entity: EntityView, created: JsonObject): JsonObject {
  if (entity.hidesTakenLogin) return ACCEPTED
  return { 201: created, ...(hidesFromSome(scope, entity.entity) ? ACCEPTED : {}) }
}
