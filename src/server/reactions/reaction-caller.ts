/** For whom a reaction runs. */

import { ANONYMOUS, type Caller } from '../../model/caller.ts'
import type { ReactionIdentity } from '../../model/reaction.ts'
import { GiveUp } from '../../services/events/delivery.ts'
import type { Identity } from '../../services/identity/identity.ts'

/**
 * The caller of a reaction: nobody for system, otherwise the account with its rights of now.
 *
 * @throws GiveUp when there is no such account (any more).
 */
export async function reactionCaller(identity: Identity | null, as: ReactionIdentity, account: string | null): Promise<Caller> {
  if (as.kind === 'system') return ANONYMOUS
  const caller = account === null || identity === null ? null : await identity.callerOf(account)
  if (caller === null) throw new GiveUp('the account for which the reaction runs does not exist')
  return caller
}
