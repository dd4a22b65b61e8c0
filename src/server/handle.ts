/** The way of a request, stage by stage. Every door ends here. */

import type { Row } from '../base/statement.ts'
import type { Caller } from '../model/caller.ts'
import type { Executor } from '../postgres/execute.ts'
import type { Identity } from '../services/identity/identity.ts'
import type { Answer } from './answer.ts'
import { databaseFailure, type Violations } from './database-failure.ts'
import type { Intent } from './intent.ts'
import { planIntent } from './plan.ts'
import type { PlanContext, Planned } from './planning.ts'
import { type Framing, respond } from './respond.ts'
import { type Sealing, sealPasswords } from './seal.ts'

/** What a running design consists of. */
export interface Stack extends Sealing {
  readonly context: PlanContext
  readonly executor: Executor
  readonly violations: Violations
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

/** Runs a plan. @throws Failure that says in the words of the design what PostgreSQL refused. */
export async function execute(stack: Stack, planned: Planned): Promise<readonly Row[]> {
  const [call] = planned.calls
  try {
    return planned.many
      ? await stack.executor.runAll(planned.statement, planned.calls)
      : await stack.executor.run(planned.statement, call ?? {})
  } catch (error) {
    throw databaseFailure(stack.violations, planned, error)
  }
}

/** A change to a user acts on sessions at once: what the caller may do is read anew, and a new password ends every session but the one that set it. */
async function afterWrite(stack: Stack, caller: Caller, intent: Intent, planned: Planned): Promise<void> {
  const { identity, model } = stack
  if (identity === null || intent.entity.name !== model.identity?.entity) return
  if (intent.kind !== 'update' && intent.kind !== 'delete') return
  const id = String(planned.calls[0]?.id)
  if (intent.kind === 'delete') await identity.revokeUser(id, 'account-closed')
  else if (planned.calls[0]?.[`given.${model.identity.password}`] === true)
    await identity.revokeUser(id, 'password-changed', caller.session ?? undefined)
  identity.forgetUser(id)
}
