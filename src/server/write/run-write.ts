/** One write from its intent to its committed rows. Every write of every front end passes these two functions. */

import type { Runner } from '../../base/sql/statement.ts'
import type { Caller } from '../../model/caller.ts'
import type { WriteIntent } from '../plan/intent.ts'
import { planWrite } from '../plan/plan.ts'
import type { PlannedWrite } from '../plan/planning.ts'
import type { Stack } from '../run/stack.ts'
import { executeWrite } from './execute-write.ts'
import { type CommittedWrite, followUp } from './follow-ups.ts'
import { hashPasswords } from './hash-passwords.ts'

/** A write that took place in its transaction; front ends turn it into their answers. */
export interface Written extends Omit<CommittedWrite, 'caller'> {
  /** Runs the follow-ups. To be called once the transaction is committed. @throws Failure when the database fails; the write stays. */
  readonly after: () => Promise<void>
}

/** A write that is ready to run. */
export interface ReadyWrite {
  readonly caller: Caller
  readonly intent: WriteIntent
  readonly planned: PlannedWrite
}

/** Does everything that needs no database: planning, and hashing passwords. @throws Failure for what is refused. */
export async function readyWrite(stack: Stack, caller: Caller, intent: WriteIntent): Promise<ReadyWrite> {
  return { caller, intent, planned: await hashPasswords(stack, planWrite(stack.context, caller, intent)) }
}

/**
 * Runs a write on a runner and judges it.
 *
 * @throws Failure for what the rules or the database refuse.
 */
export async function runWrite(stack: Stack, { caller, intent, planned }: ReadyWrite, runner: Runner): Promise<Written> {
  const rows = await executeWrite(stack, planned, runner)
  return { intent, planned, rows, after: () => followUp(stack, { caller, intent, planned, rows }) }
}
