/** The work after the commit of a write, as one table for all kinds of writes. */

import type { MaybePromise } from '../../base/waiting/when-ready.ts'
import type { WrittenRow } from '../../compile/statements/row-columns.ts'
import type { Caller } from '../../model/caller.ts'
import type { IdentityModel } from '../../model/model.ts'
import type { Identity } from '../../services/identity/identity.ts'
import type { WriteIntent } from '../plan/intent.ts'
import type { PlannedWrite } from '../plan/planning.ts'
import type { Stack } from '../run/stack.ts'

/** A write that is committed. */
export interface CommittedWrite {
  readonly caller: Caller
  readonly intent: WriteIntent
  readonly planned: PlannedWrite
  readonly rows: readonly WrittenRow[]
}

/** One task after a write. Returns null when there is nothing to wait for. */
type FollowUp = (stack: Stack, write: CommittedWrite) => Promise<void> | null

/** In the order in which they run. */
const FOLLOW_UPS: readonly FollowUp[] = [endSessions, forgetUser]

/**
 * Runs every follow-up of a committed write. Most writes have nothing to wait for, so no promise is made for them.
 *
 * @throws Failure when the database fails; the write stays.
 */
export function followUp(stack: Stack, write: CommittedWrite): MaybePromise<void> {
  return followFrom(0, stack, write)
}

function followFrom(first: number, stack: Stack, write: CommittedWrite): MaybePromise<void> {
  for (let i = first; i < FOLLOW_UPS.length; i++) {
    const work = FOLLOW_UPS[i]?.(stack, write) ?? null
    if (work !== null) return work.then(() => followFrom(i + 1, stack, write))
  }
  return undefined
}

/** Deletes the sessions of a deleted user. After a new password, deletes all sessions of the user except the one that set it. */
function endSessions(stack: Stack, write: CommittedWrite): Promise<void> | null {
  const user = changedUser(stack, write)
  if (user === null) return null
  const { identity, fields, id } = user
  if (write.intent.kind === 'delete') return identity.revokeUser(id, 'account-closed')
  if (write.planned.calls[0]?.[`given.${fields.password}`] !== true) return null
  return identity.revokeUser(id, 'password-changed', write.caller.session ?? undefined)
}

/** Removes a changed user from the cache of this instance, so that the next request reads role and claims again. */
function forgetUser(stack: Stack, write: CommittedWrite): null {
  const user = changedUser(stack, write)
  user?.identity.forgetUser(user.id)
  return null
}

interface ChangedUser {
  readonly identity: Identity
  readonly fields: IdentityModel
  readonly id: string
}

/** The user that an update or a delete has changed; null for any other write. */
function changedUser({ identity, model }: Stack, { intent, rows }: CommittedWrite): ChangedUser | null {
  if (identity === null || model.identity === null || intent.kind === 'create') return null
  const id = rows[0]?.id ?? null
  return id === null || intent.entity.name !== model.identity.entity ? null : { identity, fields: model.identity, id }
}
