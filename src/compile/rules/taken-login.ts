/**
 * Whether a caller who creates an account is told that another account has the login. When it is not told, a create with a taken login
 * gets the same answer as any other, and creates nothing.
 */

import type { Predicate } from '../../model/expression.ts'
import { type Entity, fieldNamed, type Model } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'

/**
 * True for the entity that signs in, where the design says `accepted`, or says nothing and the caller may not read the login of every
 * account.
 *
 * @param specialised reduces a rule to the kind of caller.
 */
export function hidesTakenLogin(model: Model, entity: Entity, specialised: (rule: Predicate) => Predicate): boolean {
  const { identity } = model
  if (identity === null || identity.entity !== entity.name) return false
  if (identity.takenLogin !== null) return identity.takenLogin === 'accepted'
  const rules = [entity.access.read, fieldNamed(entity, identity.login).read]
  return !rules.every((rule) => isAlways(specialised(rule)))
}
