/** The one way to write rows: REST, GraphQL, registration and the operations of a transaction all call `prepareWrite`. */

import type { Runner } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Caller } from '../../model/caller.ts'
import type { WriteIntent } from '../plan/intent.ts'
import type { Stack } from '../run/stack.ts'
import { readyWrite, runWrite, type Written } from './run-write.ts'
import { prepareUpsert, runUpsert, type Upsert } from './upsert.ts'

/**
 * Runs a prepared write: on a pooled runner in a transaction of its own, or in the transaction of the given runner.
 *
 * @throws Failure for what the rules or the database refuse.
 */
export type PreparedWrite = (runner: Runner) => Promise<Written>

/**
 * Does everything that needs no database: planning, and hashing passwords, which no transaction should wait for. @throws Failure for
 * what is refused.
 */
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
