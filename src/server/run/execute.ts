/** Runs what a request amounts to: one statement, or several in one transaction. */

import type { Row, Runner, Values } from '../../base/sql/statement.ts'
import { ID_AT } from '../../compile/statements/statement-write.ts'
import type { Batch, Children, PlanContext, Planned, Prepared, Sequel } from '../plan/planning.ts'
import { databaseFailure, type Violations } from './database-failure.ts'
import { inOrder, isTaken, judgeCreated, judgeUpdated } from './judge-write.ts'

export interface Executing {
  readonly context: PlanContext
  readonly violations: Violations
  readonly executor: Runner
}

/** Runs a plan and whatever follows it. @throws Failure that says in the words of the design what PostgreSQL, or a rule for a row brought along, refused. */
export function execute(executing: Executing, planned: Planned, runner: Runner = executing.executor): Promise<readonly Row[]> {
  const { sequel } = planned
  if (sequel === undefined) return runBatch(executing, planned, runner)
  return runner.transaction((within) => runSequel(executing, { planned, sequel }, within))
}

async function runBatch(executing: Executing, batch: Batch, runner: Runner): Promise<readonly Row[]> {
  const { plan, statement, calls } = batch
  const [call] = calls
  try {
    if (plan.kind !== 'create' || !plan.atomic) return await runner.run(statement, call ?? {})
    if (statement.merge === undefined) return await runner.transaction((within) => runEach(executing, batch, within))
    return inOrder(await runner.runAll(statement, calls))
  } catch (error) {
    throw databaseFailure(executing.violations, batch, error)
  }
}

/** One call after the other, each seeing what those before it have written. All or none, so the verdict belongs into the transaction. */
async function runEach(executing: Executing, batch: Batch, runner: Runner): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const [i, call] of batch.calls.entries()) {
    try {
      rows.push(...(await runner.run(batch.statement, call)))
    } catch (error) {
      // Explained here, where it is known which row it was; whoever runs the transaction would take it for a failure of the transaction itself.
      throw databaseFailure(executing.violations, { ...batch, calls: [call], pointers: batch.pointers.slice(i, i + 1) }, error)
    }
  }
  judgeCreated(executing.context, batch, rows)
  return rows
}

async function runSequel(
  executing: Executing,
  { planned, sequel }: { readonly planned: Planned; readonly sequel: Sequel },
  runner: Runner,
): Promise<readonly Row[]> {
  const { plan } = planned
  const at = idAt(planned)
  const rows = await runBatch(executing, planned, runner)
  if (isTaken(planned, rows)) return rows
  if (plan.kind === 'update') judgeUpdated(executing.context, plan, rows[0])
  else judgeCreated(executing.context, planned, rows)
  const ids = [rows.map((row) => row[at] ?? null)]
  for (const children of sequel.children) {
    const batch = underParents(children, ids[children.of] ?? [])
    const made = await runBatch(executing, batch, runner)
    judgeCreated(executing.context, batch, made)
    ids.push(made.map((row) => row[ID_AT.create] ?? null))
  }
  return sequel.reading === null ? rows : readAgain(executing, { prepared: sequel.reading, planned, rows }, runner)
}

function idAt({ plan }: Planned): number {
  return plan.kind === 'update' ? ID_AT.update : ID_AT.create
}

function underParents(children: Children, parentIds: readonly (string | null)[]): Batch {
  const name = children.via.name
  const calls = children.calls.map((call, i): Values => {
    const parent = parentIds[children.parents[i] ?? -1] ?? null
    return { ...call, [`value.${name}`]: parent, [`input.${name}`]: parent, [`given.${name}`]: true }
  })
  return { ...children, calls }
}

/** The written rows with what they show now that all is written; a row that may not be read shows nothing. */
async function readAgain(
  executing: Executing,
  { prepared, planned, rows }: { readonly prepared: Prepared; readonly planned: Planned; readonly rows: readonly Row[] },
  runner: Runner,
): Promise<readonly Row[]> {
  const at = idAt(planned)
  const calls = planned.calls.map((call, i): Values => ({ ...call, id: rows[i]?.[at] ?? null }))
  const seen = new Map<string, Row>()
  try {
    for (const [ord, ...row] of await runner.runAll(prepared.statement, calls)) seen.set(ord ?? '', row)
  } catch (error) {
    throw databaseFailure(executing.violations, { ...prepared, calls, pointers: [] }, error)
  }
  return rows.map((row, i) => {
    const [body, version] = seen.get(String(i + 1)) ?? []
    return [...row.slice(0, at + 1), body ?? null, version ?? row[at + 2] ?? null]
  })
}
