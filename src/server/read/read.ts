/**
 * The one path of reads. Gets and lists of REST, GraphQL queries, and the row of a user who signs in run through `runStatement`, so a cache
 * of reads belongs there. The gets and lists of `POST /api/transaction`, the check before a PUT and the reads of code use it too,
 * on the runner of a transaction. A cache must skip these reads, because they see uncommitted rows. Lookups within a write (upsert, nested
 * rows) and actions that only read (`server/actions/perform-action.ts`) do not run through `runStatement`.
 */

import type { Utf8 } from '../../base/bytes/utf8.ts'
import { failure } from '../../base/failure.ts'
import type { Run, Statement, Values } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import { columnsOf } from '../../compile/statements/columns/columns.ts'
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

/** The result of a read, by the kind of its plan. `B` is the form of its JSON. */
export type Found<B extends string | Utf8 = string> =
  | { readonly kind: 'row'; readonly row: GotRow<B> }
  | { readonly kind: 'page'; readonly plan: ListPlan; readonly page: ListedPage<B> }

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
      if (row === undefined) throw failure('not_found', { entity: plan.entity.name })
      return { kind: 'row', row: readGot(row) }
    case 'list':
      return { kind: 'page', plan, page: readListed(row ?? []) }
    default:
      return unreachable(plan)
  }
}

/**
 * Runs a get or a list, as columns if they cover its plan. Must not be used in a transaction: its answers share a limit of bytes, which
 * only the text form applies. @throws Failure like `runRead`.
 */
export async function runColumns({ context }: Pick<Stack, 'context'>, run: Run, read: PreparedRead): Promise<Found<string | Utf8>> {
  const { plan, values } = read
  const columns = context.columns ? columnsOf(context.model, plan) : null
  if (columns === null) return runRead(run, read)
  switch (columns.kind) {
    case 'get': {
      const row = await runStatement(run, columns.statement, values)
      if (row === null) throw failure('not_found', { entity: plan.entity.name })
      return { kind: 'row', row }
    }
    case 'list':
      return { kind: 'page', plan: columns.plan, page: await runStatement(run, columns.statement, values) }
    default:
      return unreachable(columns)
  }
}

/** Runs one statement that reads. @throws Failure when the database fails. */
export async function runStatement<R>(run: Run, statement: Statement<R>, values: Values): Promise<R> {
  try {
    return await run(statement, values)
  } catch (error) {
    throw statementFailure(statement.name, error)
  }
}
