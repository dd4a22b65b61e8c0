/** Plans and runs one write. All front ends use these two functions. */

import type { Runner } from '../../base/sql/statement.ts'
import { type MaybePromise, whenReady } from '../../base/waiting/when-ready.ts'
import type { Caller } from '../../model/caller.ts'
import type { WriteIntent } from '../plan/intent.ts'
import { planWrite } from '../plan/plan.ts'
import type { Stack } from '../run/stack.ts'
import { executeWrite } from './execute-write.ts'
import { type CommittedWrite, followUp } from './follow-ups.ts'
import { hashPasswords } from './hash-passwords.ts'
import type { ReadyWrite } from './ready-write.ts'

/** A successful write in its transaction. Front ends make their answers from it. */
export interface Written extends Omit<CommittedWrite, 'caller'> {
  /** Runs the follow-ups. Call it after the commit. @throws Failure when the database fails; the write stays. */
  readonly after: () => MaybePromise<void>
}

/**
 * Plans the write and hashes passwords. The database is asked only for the login of a caller with a new password.
 *
 * @throws Failure when the write is refused.
 */
export function readyWrite(stack: Stack, caller: Caller, intent: WriteIntent): MaybePromise<ReadyWrite> {
  const owner = intent.kind === 'update' && intent.login !== undefined ? { caller, login: intent.login } : { caller }
  const hashed = hashPasswords(stack, owner, planWrite(stack.context, caller, intent))
  return whenReady(hashed, (planned) => ({ caller, intent, planned }))
}

/**
 * Runs a write on a runner and judges it.
 *
 * @throws Failure when the rules or the database refuse the write.
 */
export async function runWrite(stack: Stack, ready: ReadyWrite, runner: Runner): Promise<Written> {
  const { caller, intent, planned } = ready
  const { rows, after } = await executeWrite(stack, ready, runner)
  return {
    intent,
    planned,
    rows,
    after: () => whenReady(followUp(stack, { caller, intent, planned, rows }), after),
  }
}
