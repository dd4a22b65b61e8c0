/** The way of a request, stage by stage. Every door ends here. */

import type { Runner } from '../../base/sql/statement.ts'
import type { Caller } from '../../model/caller.ts'
import type { Executor } from '../../postgres/executor/execute.ts'
import type { Identity } from '../../services/identity/identity.ts'
import type { Answer } from '../http/answer.ts'
import type { Intent } from '../plan/intent.ts'
import { planIntent } from '../plan/plan.ts'
import type { Planned } from '../plan/planning.ts'
import { type Executing, execute } from '../run/execute.ts'
import { type Sealing, sealPasswords } from './hash-passwords.ts'
import { type Framing, respond } from './respond.ts'

/** What a running design consists of. */
export interface Stack extends Sealing, Executing {
  readonly executor: Executor
  /** Null when nobody signs in. */
  readonly identity: Identity | null
}

/** A request: who asks for what, and what shapes the answer. */
export interface Asked {
  readonly caller: Caller
  readonly intent: Intent
  readonly framing: Framing
}

/** An answer, and what has to follow once the write is committed. */
export interface Performed {
  readonly answer: Answer
  readonly after: () => Promise<void>
}

/** Does on a runner what is left once everything is prepared. @throws Failure for whatever is refused or fails. */
export type Perform = (runner: Runner) => Promise<Performed>

/** Answers an intent. @throws Failure for whatever is refused or fails. */
export async function handle(stack: Stack, caller: Caller, intent: Intent, framing: Framing): Promise<Answer> {
  const perform = await prepareAsked(stack, { caller, intent, framing })
  return finish(await perform(stack.executor))
}

/** The answer, once everything has followed that has to. */
export async function finish({ answer, after }: Performed): Promise<Answer> {
  await after()
  return answer
}

/** All that can be done without the database: planning, and hashing passwords. @throws Failure for whatever is refused. */
export async function prepareAsked(stack: Stack, { caller, intent, framing }: Asked): Promise<Perform> {
  const planned = await sealPasswords(stack, planIntent(stack.context, caller, intent))
  return async (runner) => {
    const rows = await execute(stack, planned, runner)
    const answer = respond(stack.context, planned, rows, framing)
    return { answer, after: () => afterWrite(stack, caller, intent, planned) }
  }
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
