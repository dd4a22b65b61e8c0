/** Prepares every write: REST, GraphQL, registration and the operations of a transaction call `prepareWrite`. */

import type { Runner } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import { type MaybePromise, whenReady } from '../../base/waiting/when-ready.ts'
import type { Caller } from '../../model/caller.ts'
import type { WriteIntent } from '../plan/intent.ts'
import type { Stack } from '../run/stack.ts'
import { prepareReplay } from './replay-write.ts'
import { readyWrite, runWrite, type Written } from './run-write.ts'
import { prepareUpsert, runUpsert, type Upsert } from './upsert.ts'

/**
 * Runs a prepared write: on a pooled runner in a new transaction, otherwise in the transaction of the runner.
 *
 * @throws Failure when the rules or the database refuse the write.
 */
export type PreparedWrite = (runner: Runner) => Promise<Written>

/**
 * Plans the write and hashes passwords, before any transaction. In a repeated request, the result reads the rows again instead of writing
 * them. @throws Failure when the write is refused.
 */
export function prepareWrite(stack: Stack, caller: Caller, intent: WriteIntent | Upsert): MaybePromise<PreparedWrite> {
  const { journal } = stack
  if (journal?.isReplaying() === true) return prepareReplay({ stack, journal }, caller, intent)
  const prepared = prepareNew(stack, caller, intent)
  if (journal === undefined) return prepared
  return whenReady(prepared, (run) => async (runner) => {
    const written = await run(runner)
    journal.record(written.intent.kind, written.rows)
    return written
  })
}

function prepareNew(stack: Stack, caller: Caller, intent: WriteIntent | Upsert): MaybePromise<PreparedWrite> {
  switch (intent.kind) {
    case 'create':
    case 'update':
    case 'delete':
      return whenReady(readyWrite(stack, caller, intent), (ready) => (runner) => runWrite(stack, ready, runner))
    case 'upsert':
      return whenReady(prepareUpsert(stack, caller, intent), (ready) => (runner) => runUpsert(stack, ready, runner))
    default:
      return unreachable(intent)
  }
}
