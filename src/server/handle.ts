/** The way of a request, stage by stage. Every door ends here. */

import type { Caller } from '../model/caller.ts'
import type { Executor } from '../postgres/execute.ts'
import type { Identity } from '../services/identity/identity.ts'
import type { Answer } from './answer.ts'
import { type Executing, execute } from './execute.ts'
import type { Intent } from './intent.ts'
import { planIntent } from './plan.ts'
import type { Planned } from './planning.ts'
import { type Framing, respond } from './respond.ts'
import { type Sealing, sealPasswords } from './seal.ts'

/** What a running design consists of. */
export interface Stack extends Sealing, Executing {
  readonly executor: Executor
  /** Null when nobody signs in. */
  readonly identity: Identity | null
}

/** Answers an intent. @throws Failure for whatever is refused or fails. */
export async function handle(stack: Stack, caller: Caller, intent: Intent, framing: Framing): Promise<Answer> {
  const planned = await sealPasswords(stack, planIntent(stack.context, caller, intent))
  const rows = await execute(stack, planned)
  const answer = respond(stack.context, planned, rows, framing)
  await afterWrite(stack, caller, intent, planned)
  return answer
}

/** A change to a user acts on sessions at once: what the caller may do is read anew, and a new password ends every session but the one that set it. */
export async function afterWrite(stack: Stack, caller: Caller, intent: Intent, planned: Planned): Promise<void> {
  const { identity, model } = stack
  if (identity === null || intent.entity.name !== model.identity?.entity) return
  if (intent.kind !== 'update' && intent.kind !== 'delete') return
  const id = String(planned.calls[0]?.id)
  if (intent.kind === 'delete') await identity.revokeUser(id, 'account-closed')
  else if (planned.calls[0]?.[`given.${model.identity.password}`] === true)
    await identity.revokeUser(id, 'password-changed', caller.session ?? undefined)
  identity.forgetUser(id)
}
