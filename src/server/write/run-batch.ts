/** Runs the statement of a batch of calls, and reads written rows again. */

import type { Row, Runner, Statement, Values } from '../../base/sql/statement.ts'
import type { GetPlan, WritePlan } from '../../compile/statements/plan.ts'
import { callNumber, type GotRow, readGot, type WrittenRow } from '../../compile/statements/row-columns.ts'
import type { Batch, Children, PlannedWrite, Prepared } from '../plan/planning.ts'
import { databaseFailure, explained } from '../run/database-failure.ts'
import type { Stack } from '../run/stack.ts'
import { runGuarded } from './guarded-write.ts'
import { judgeWrite } from './judge-write.ts'

/** What running a batch needs. */
export type Executing = Pick<Stack, 'context' | 'violations' | 'deferred'>

/**
 * Runs one batch on a runner, with its guard around it. A refusal throws.
 *
 * @returns the written rows, one per call; see `isTaken` for a create that inserted nothing.
 * @throws Failure when the rules or the database refuse the write.
 */
export function runBatch(executing: Executing, batch: Batch<WritePlan>, runner: Runner): Promise<readonly WrittenRow[]> {
  return batch.guard === undefined
    ? runUnguarded(executing, batch, runner)
    : runGuarded(batch, { guard: batch.guard, runner }, () => runUnguarded(executing, batch, runner))
}

function runUnguarded(executing: Executing, batch: Batch<WritePlan>, runner: Runner): Promise<readonly WrittenRow[]> {
  const { plan, statement } = batch
  const oneByOne = plan.kind === 'create' && plan.atomic && statement.merge === undefined
  if (oneByOne) return runner.transaction((within) => runEach(executing, batch, within))
  const { before: lock } = statement
  if (lock !== undefined) return runner.transaction((within) => runLocked(executing, batch, { lock, runner: within }))
  return runCalls(executing, batch, runner).then((rows) => judgeWrite(executing.context, batch, rows))
}

/** Takes the lock of the statement, then runs it. */
async function runLocked(
  executing: Executing,
  batch: Batch<WritePlan>,
  { lock, runner }: { readonly lock: Statement; readonly runner: Runner },
): Promise<readonly WrittenRow[]> {
  await explained(runner.run)(lock, {})
  return judgeWrite(executing.context, batch, await runCalls(executing, batch, runner))
}

function runCalls(executing: Executing, batch: Batch<WritePlan>, runner: Runner): Promise<readonly Row[]> {
  const { plan, statement, calls } = batch
  const fail = (error: unknown): never => {
    throw databaseFailure(executing.violations, batch, error)
  }
  if (plan.kind === 'create' && plan.atomic) return runner.runAll(statement, calls).then(inOrder, fail)
  return runner.run(statement, calls[0] ?? {}).catch(fail)
}

function inOrder(rows: readonly Row[]): readonly Row[] {
  return rows.length < 2 ? rows : rows.toSorted((a, b) => callNumber(a) - callNumber(b))
}

/**
 * Runs the calls one after the other, so that the rules of each call see the rows of earlier calls. Each is judged inside the transaction,
 * so all rows are written or none.
 */
async function runEach(executing: Executing, batch: Batch<WritePlan>, runner: Runner): Promise<readonly WrittenRow[]> {
  const rows: Row[] = []
  for (const [i, call] of batch.calls.entries()) {
    // A batch with only this call, so that an error of the database points at its row.
    const single = { ...batch, calls: [call], pointers: batch.pointers.slice(i, i + 1) }
    try {
      rows.push(...(await runner.run(batch.statement, call)))
    } catch (error) {
      throw databaseFailure(executing.violations, single, error)
    }
  }
  return judgeWrite(executing.context, batch, rows)
}

/** The calls of nested rows, with the ids of their parents. */
export function underParents(children: Children, parents: readonly WrittenRow[]): Batch<WritePlan> {
  const name = children.via.name
  const calls = children.calls.map((call, i): Values => {
    const parent = parents[children.parents[i] ?? -1]?.id ?? null
    return { ...call, [`value.${name}`]: parent, [`input.${name}`]: parent, [`given.${name}`]: true }
  })
  return { ...children, calls }
}

/**
 * Reads the written rows again at the end of the same transaction. A row that the caller may not read has no body. Only this transaction
 * sees the new rows, so no cache can serve these reads.
 *
 * @throws Failure when the database fails.
 */
export async function readAgain(
  executing: Executing,
  {
    prepared,
    planned,
    rows,
  }: { readonly prepared: Prepared<GetPlan>; readonly planned: PlannedWrite; readonly rows: readonly WrittenRow[] },
  runner: Runner,
): Promise<readonly WrittenRow[]> {
  const calls = planned.calls.map((call, i): Values => ({ ...call, id: rows[i]?.id ?? null }))
  const found = new Map<number, GotRow>()
  try {
    for (const row of await runner.runAll(prepared.statement, calls)) found.set(callNumber(row), readGot(row.slice(1)))
  } catch (error) {
    throw databaseFailure(executing.violations, { ...prepared, calls, pointers: [] }, error)
  }
  return rows.map(({ id, version }, i) => {
    const got = found.get(i + 1)
    return { id, body: got?.body ?? null, version: got?.version ?? version }
  })
}
