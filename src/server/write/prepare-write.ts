/** Prepares every write: REST, GraphQL, registration and the operations of a transaction call `prepareWrite`. */

import type { Runner } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Caller } from '../../model/caller.ts'
import type { WriteIntent } from '../plan/intent.ts'
import type { Stack } from '../run/stack.ts'
import { readyWrite, runWrite, type Written } from './run-write.ts'
import { prepareUpsert, runUpsert, type Upsert } from './upsert.ts'

/**
 * Runs a prepared write: on a pooled runner in a new transaction, otherwise in the transaction of the runner.
 *
 * @throws Failure when the rules or the database refuse the write.
 */
export type PreparedWrite = (runner: Runner) => Promise<Written>

/** Plans the write and hashes passwords, before any transaction. @throws Failure when the write is refused. */
export async function prepareWrite(stack: Stack, caller: Caller, intent: WriteIntent | Upsert): Promise<PreparedWrite> {
  switch (intent.kind) {
    case 'create':
    case 'update':
    case 'delete': {
      const ready = await readyWrite(stack, caller, intent)
      return (runner) => runWrite(stack, ready, runner)
    }
    case 'upsert': {
      const ready = await prepareUpsert(stack, caller, intent)
      return (runner) => runUpsert(stack, ready, runner)
    }
    default:
      return unreachable(intent)
  }
}
