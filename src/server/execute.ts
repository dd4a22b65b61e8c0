/** Runs what a request amounts to: one statement, or several in one transaction. */

import type { Row, Runner, Values } from '../base/statement.ts'
import { databaseFailure, type Violations } from './database-failure.ts'
import type { Batch, Children, PlanContext, Planned, Prepared, Sequel } from './planning.ts'
import { inOrder, judgeCreated } from './verdict.ts'

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

async function runBatch({ violations }: Executing, batch: Batch, runner: Runner): Promise<readonly Row[]> {
  const { plan, statement, calls } = batch
  const [call] = calls
  try {
    return plan.kind === 'create' && plan.atomic ? inOrder(await runner.runAll(statement, calls)) : await runner.run(statement, call ?? {})
  } catch (error) {
    throw databaseFailure(violations, batch, error)
  }
}

async function runSequel(
  executing: Executing,
  { planned, sequel }: { readonly planned: Planned; readonly sequel: Sequel },
  runner: Runner,
): Promise<readonly Row[]> {
  const rows = await runBatch(executing, planned, runner)
  judgeCreated(executing.context, planned, rows)
  const ids = [rows.map(createdId)]
  for (const children of sequel.children) {
    const batch = underParents(children, ids[children.of] ?? [])
    const made = await runBatch(executing, batch, runner)
    judgeCreated(executing.context, batch, made)
    ids.push(made.map(createdId))
  }
  return sequel.reading === null ? rows : readAgain(executing, { prepared: sequel.reading, calls: planned.calls, rows }, runner)
}

function createdId(row: Row): string {
  const id = row[4]
  if (id === null || id === undefined) throw new Error('a row was created without an id')
  return id
}

function underParents(children: Children, parentIds: readonly string[]): Batch {
  const name = children.via.name
  const calls = children.calls.map((call, i): Values => {
    const parent = parentIds[children.parents[i] ?? -1] ?? null
    return { ...call, [`value.${name}`]: parent, [`input.${name}`]: parent, [`given.${name}`]: true }
  })
  return { ...children, calls }
}

/** The created rows with what they show now that all is written; a row that may not be read shows nothing. */
async function readAgain(
  executing: Executing,
  { prepared, calls, rows }: { readonly prepared: Prepared; readonly calls: readonly Values[]; readonly rows: readonly Row[] },
  runner: Runner,
): Promise<readonly Row[]> {
  const again = calls.map((call, i): Values => ({ ...call, id: rows[i]?.[4] ?? null }))
  const seen = new Map<string | null | undefined, Row>()
  try {
    for (const [ord, ...row] of await runner.runAll(prepared.statement, again)) seen.set(ord, row)
  } catch (error) {
    throw databaseFailure(executing.violations, { ...prepared, calls: again, pointers: [] }, error)
  }
  return rows.map(([ord, allowed, deniedFields, missing, id, , version]) => {
    const [body, current] = seen.get(ord) ?? []
    return [ord ?? null, allowed ?? null, deniedFields ?? null, missing ?? null, id ?? null, body ?? null, current ?? version ?? null]
  })
}
