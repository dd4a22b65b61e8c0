/** Runs a planned write: one statement, or several in one transaction. Every write of rows passes here, so no way in passes hooks by. */

import type { Runner } from '../../base/sql/statement.ts'
import type { WrittenRow } from '../../compile/statements/row-columns.ts'
import type { PlannedWrite, Sequel } from '../plan/planning.ts'
import type { Stack } from '../run/stack.ts'
import { type Executed, executeHooked, isHooked } from './execute-hooked.ts'
import { judgesOf, judgeWritten, knowsMade, runInOneTrip } from './guarded-write.ts'
import { isTaken } from './judge-write.ts'
import type { ReadyWrite } from './ready-write.ts'
import { type Executing, readAgain, runBatch, underParents } from './run-batch.ts'

/**
 * Runs a write, its hooks and its following statements in one transaction. A refusal throws inside the transaction, which then rolls back.
 *
 * @throws Failure when the rules, the database or a hook refuse the write, or a row breaks a check over relations.
 */
export async function executeWrite(stack: Stack, ready: ReadyWrite, runner: Runner): Promise<Executed> {
  const { planned } = ready
  if (isHooked(planned)) return runner.transaction((within) => executeHooked(stack, ready, within))
  return { rows: await executePlain(stack, planned, runner), after: nothing }
}

function executePlain(executing: Executing, planned: PlannedWrite, runner: Runner): Promise<readonly WrittenRow[]> {
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

function nothing(): void {}
