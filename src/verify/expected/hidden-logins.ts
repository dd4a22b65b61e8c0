/** Answers to new accounts that hide whether a login is taken. */

import type { AbstractRequest } from './abstract-request.ts'
import type { Expectation, Standpoint } from './expected.ts'
import { isLive } from './reference.ts'
import { answersAlike } from './written-design.ts'

/**
 * The expectation of a request, with 202 in place of 201 where the answer to a new account hides whether its login is taken. Callers who
 * may read the login of every account there is may get either.
 */
export function hidingLogins(
  { reference, sight }: Pick<Standpoint, 'reference' | 'sight'>,
  request: AbstractRequest,
  expected: Expectation,
): Expectation {
  const own = reference.design.entities[request.entity]
  if (request.kind !== 'create' || !answersAlike(own) || !expected.statuses.includes(201)) return expected
  const login = own?.identity?.login ?? ''
  const accounts = (reference.rows().get(request.entity) ?? []).filter(isLive)
  const seesAll = accounts.every((row) => sight.sees(request.entity, row) && sight.seesField(request.entity, login, row))
  return { ...expected, statuses: own?.identity?.takenLogin === 'accepted' || !seesAll ? [202] : [201, 202] }
}
