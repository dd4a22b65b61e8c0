/** Runs a planned write: one statement, or several in one transaction. */

import type { Row, Runner, Statement, Values } from '../../base/sql/statement.ts'
import type { GetPlan, WritePlan } from '../../compile/statements/plan.ts'
import { callNumber, type GotRow, readGot, type WrittenRow } from '../../compile/statements/row-columns.ts'
import type { Batch, Children, PlannedWrite, Prepared, Sequel } from '../plan/planning.ts'
import { databaseFailure, explained } from '../run/database-failure.ts'
import type { Stack } from '../run/stack.ts'
import { judgesOf, judgeWritten, knowsMade, runGuarded, runInOneTrip } from './guarded-write.ts'
import { isTaken, judgeWrite } from './judge-write.ts'

type Executing = Pick<Stack, 'context' | 'violations' | 'deferred'>

/**
 * Runs a write and its following statements in one transaction. A refusal throws inside the transaction, which then rolls back.
 *
 * @returns the written rows, one per row of the request; see `isTaken` for a create that inserted nothing.
 * @throws Failure when the rules or the database refuse the write, or a row breaks a check over relations.
 */
export function executeWrite(executing: Executing, planned: PlannedWrite, runner: Runner): Promise<readonly WrittenRow[]> {
  const judges = judgesOf(planned)
  if (judges.length === 0) return executePlanned(executing, planned, runner)
  const { sequel, guard } = planned
  if (sequel === undefined && guard !== undefined && knowsMade(planned)) return runInOneTrip(executing, { batch: planned, guard }, runner)
  return runner.transaction(async (within) => {
    const rows = await executePlanned(executing, planned, within)
    await judgeWritten(executing, judges, within)
    return rows
  })
}

function executePlanned(executing: Executing, planned: PlannedWrite, runner: Runner): Promise<readonly WrittenRow[]> {
  const { sequel } = planned
  if (sequel === undefined) return runBatch(executing, planned, runner)
  return runner.transaction((within) => runSequel(executing, { planned, sequel }, within))
}

async function runBatch(executing: Executing, batch: Batch<WritePlan>, runner: Runner): Promise<readonly WrittenRow[]> {
  return batch.guard === undefined
    ? runUnguarded(executing, batch, runner)
    : runGuarded(batch, { guard: batch.guard, runner }, () => runUnguarded(executing, batch, runner))
}

async function runUnguarded(executing: Executing, batch: Batch<WritePlan>, runner: Runner): Promise<readonly WrittenRow[]> {
  const { plan, statement } = batch
  const oneByOne = plan.kind === 'create' && plan.atomic && statement.merge === undefined
  if (oneByOne) return runner.transaction((within) => runEach(executing, batch, within))
  const { before: lock } = statement
  if (lock !== undefined) return runner.transaction((within) => runLocked(executing, batch, { lock, runner: within }))
  return judgeWrite(executing.context, batch, await runCalls(executing, batch, runner))
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

async function runCalls(executing: Executing, batch: Batch<WritePlan>, runner: Runner): Promise<readonly Row[]> {
  const { plan, statement, calls } = batch
  try {
    if (plan.kind === 'create' && plan.atomic) return inOrder(await runner.runAll(statement, calls))
    return await runner.run(statement, calls[0] ?? {})
  } catch (error) {
    throw databaseFailure(executing.violations, batch, error)
  }
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

async function runSequel(
  executing: Executing,
  { planned, sequel }: { readonly planned: PlannedWrite; readonly sequel: Sequel },
  runner: Runner,
): Promise<readonly WrittenRow[]> {
  const rows = await runBatch(executing, planned, runner)
  if (isTaken(planned, rows)) return rows
  const created = [rows]
  for (const children of sequel.children) {
    created.push(await runBatch(executing, underParents(children, created[children.of] ?? []), runner))
  }
  return sequel.reading === null ? rows : readAgain(executing, { prepared: sequel.reading, planned, rows }, runner)
}

/** The calls of nested rows, with the ids of their parents. */
function underParents(children: Children, parents: readonly WrittenRow[]): Batch<WritePlan> {
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
