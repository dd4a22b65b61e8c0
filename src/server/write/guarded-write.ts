/**
 * Runs writes that could break a check over relations, with the statements of their guard around them. A write with one call and nothing
 * after it takes one trip: no statement needs the answer of another. A refused write has written nothing, so nothing is judged or undone.
 */

import type { Runner, Statement } from '../../base/sql/statement.ts'
import type { WriteGuard } from '../../compile/statements/checks/guard-write.ts'
import type { WritePlan } from '../../compile/statements/plan.ts'
import type { WrittenRow } from '../../compile/statements/row-columns.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { fieldNamed } from '../../model/model.ts'
import type { Batch, PlannedWrite } from '../plan/planning.ts'
import { databaseFailure, explained, statementFailure } from '../run/database-failure.ts'
import { checkFailure, judgeChecks } from '../run/deferred-checks.ts'
import type { Stack } from '../run/stack.ts'
import { judgeWrite } from './judge-write.ts'

type Executing = Pick<Stack, 'context' | 'violations' | 'deferred'>

/** The statements that judge the checks that a write could break, each once; none for nearly all writes. */
export function judgesOf({ guard, sequel }: PlannedWrite): readonly Statement[] {
  const children = sequel?.children ?? []
  if (guard === undefined && children.every((child) => child.guard === undefined)) return []
  return [...new Set([guard, ...children.map((child) => child.guard)].flatMap((one) => one?.judges ?? []))]
}

/** Whether a write has one call, and the ids of the rows that it makes are known before it runs. */
export function knowsMade({ plan, calls }: Batch<WritePlan>): boolean {
  if (calls.length !== 1) return false
  if (plan.kind !== 'create') return true
  const { default: preset } = fieldNamed(plan.entity, 'id')
  return preset?.kind !== 'generated' || preset.by !== 'identity'
}

/**
 * Runs the write with its guard in one trip and one transaction, and judges its checks there unless they are deferred.
 *
 * @throws Failure when the rules or the database refuse the write, or a row breaks a check.
 */
export async function runInOneTrip(
  { context, violations, deferred }: Executing,
  { batch, guard: { locks, keeps, judges } }: { readonly batch: Batch<WritePlan>; readonly guard: WriteGuard },
  runner: Runner,
): Promise<readonly WrittenRow[]> {
  const { statement, calls } = batch
  const call = calls[0] ?? {}
  const before = [...locks, ...(statement.before === undefined ? [] : [statement.before])]
  const after = [...keeps, ...(deferred === undefined ? judges : [])]
  deferred?.add(judges)
  try {
    const values = { ...call, made: arrayLiteral([call['value.id'] ?? call.id ?? null]) }
    const results = await runner.runInOrder([...before, statement, ...after], values)
    return judgeWrite(context, batch, results[before.length] ?? [])
  } catch (error) {
    throw checkFailure(context.model, error) ?? databaseFailure(violations, batch, error)
  }
}

/**
 * Runs the locks of a guard, then the write, then keeps what it has written; all in the transaction of the runner.
 *
 * @throws Failure when the rules or the database refuse the write.
 */
export async function runGuarded(
  { calls }: Batch<WritePlan>,
  { guard: { locks, keeps }, runner }: { readonly guard: WriteGuard; readonly runner: Runner },
  write: () => Promise<readonly WrittenRow[]>,
): Promise<readonly WrittenRow[]> {
  const [call = {}] = calls
  for (const lock of locks) {
    const locked = calls.length > 1 ? runner.runAll(lock, calls) : runner.run(lock, call)
    await locked.catch((error: unknown) => {
      throw statementFailure(lock.name, error)
    })
  }
  const rows = await write()
  const made = arrayLiteral(rows.flatMap(({ id }) => (id === null ? [] : [id])))
  for (const keep of keeps) await explained(runner.run)(keep, { ...call, made })
  return rows
}

/** Judges the checks of a write, or defers them to the end of the request. @throws Failure `check_failed` */
export async function judgeWritten({ context, deferred }: Executing, judges: readonly Statement[], runner: Runner): Promise<void> {
  if (deferred === undefined) await judgeChecks(context.model, judges, runner)
  else deferred.add(judges)
}
