/**
 * The one path of reads. Gets and lists of REST, GraphQL queries, and the row of a user who signs in run through `runStatement`, so a cache
 * of reads belongs there. The gets and lists of `POST /api/transaction` run through `runStatement` too, on the runner of the transaction. A
 * cache must skip these reads, because they see uncommitted rows. Lookups within a write (upsert, nested rows) do not run through
 * `runStatement`.
 */

import { failure } from '../../base/failure.ts'
import type { Row, Run, Statement, Values } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { GetPlan, ListPlan } from '../../compile/statements/plan.ts'
import { type GotRow, type ListedPage, readGot, readListed } from '../../compile/statements/row-columns.ts'
import type { Caller } from '../../model/caller.ts'
import type { ReadIntent } from '../plan/intent.ts'
import { planRead } from '../plan/plan.ts'
import { statementFailure } from '../run/database-failure.ts'
import type { Stack } from '../run/stack.ts'

/** A planned read. Its result depends only on the statement, the values, the rows of the database and, for `now()`, the time. */
export interface PreparedRead {
  readonly plan: GetPlan | ListPlan
  readonly statement: Statement
  readonly values: Values
}

/** The result of a read, by the kind of its plan. */
export type Found =
  | { readonly kind: 'row'; readonly row: GotRow }
  | { readonly kind: 'page'; readonly plan: ListPlan; readonly page: ListedPage }

/** Plans a get or a list. @throws Failure for unknown names, invalid values, and reads that are never allowed for this caller. */
export function prepareRead({ context }: Pick<Stack, 'context'>, caller: Caller, intent: ReadIntent): PreparedRead {
  const { plan, statement, calls } = planRead(context, caller, intent)
  return { plan, statement, values: calls[0] ?? {} }
}

/** Runs a get or a list. @throws Failure `not_found` when the caller may read no such row, and the failures of the database. */
export async function runRead(run: Run, { plan, statement, values }: PreparedRead): Promise<Found> {
  const [row] = await runStatement(run, statement, values)
  switch (plan.kind) {
    case 'get':
      if (row === undefined) throw failure('not_found', { what: plan.entity.name })
      return { kind: 'row', row: readGot(row) }
    case 'list':
      return { kind: 'page', plan, page: readListed(row ?? []) }
    default:
      return unreachable(plan)
  }
}

/** Runs one statement that reads. @throws Failure when the database fails. */
export async function runStatement(run: Run, statement: Statement, values: Values): Promise<readonly Row[]> {
  try {
    return await run(statement, values)
  } catch (error) {
    throw statementFailure(statement.name, error)
  }
}
