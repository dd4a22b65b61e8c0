/** Runs the code of a design by requests to a serving backend, and collects what each run has cost. */

import { setTimeout as wait } from 'node:timers/promises'
import { hasCode } from '../../model/has-code.ts'
import { entityNamed, type Model } from '../../model/model.ts'
import { type Connection, withClient } from '../../postgres/connect.ts'
import { quoted } from '../../postgres/schema/ddl.ts'
import type { CasePlan } from '../cases/cases-of.ts'
import { referenceOf } from '../expected/reference.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import { type CodeCall, codeCalls, type PlannedCode } from '../review/code-calls.ts'
import { type MeasuredCode, type MeasuredRun, SLOW_MS } from '../review/measured-code.ts'
import { entitiesInOrder } from '../worlds/extra-rows.ts'
import { worldOf } from '../worlds/world-of.ts'
import { type OpenRun, openRun, putBack } from './open-run.ts'
import { readRows } from './rows.ts'
import type { Stage } from './stage.ts'

/** Rows of each entity that no rule needs: a statement in a loop over them is sent so often. */
const SPARES = 8
/** Runs of a call that succeeds, with all rows. */
const RUNS = 3
/** Runs of a call that is slow. */
const MOST_RUNS = 8
/** How long the entry about a run may take to arrive. */
const ENTRY_MS = 3_000
const STEP_MS = 5

/** What is measured. */
export interface Measuring {
  readonly design: WrittenDesign
  readonly model: Model
  readonly plan: CasePlan
  /** The stored form of the password of all accounts. */
  readonly passwordHash: string
}

/** Runs all code that requests can run, one request at a time, and puts the rows back. */
export async function measureCode(stage: Stage, { design, model, plan, passwordHash }: Measuring): Promise<readonly MeasuredCode[]> {
  if (!hasCode(model)) return []
  const world = worldOf(design, model, passwordHash, SPARES)
  const planned = codeCalls({ reference: referenceOf(design, model, world.rows), world })
  if (planned.length === 0) return []
  return withClient(stage.databaseUrl, async (client) => {
    const open = await openRun(stage, { design, model, plan: { ...plan, world }, book: null }, client)
    const measured: MeasuredCode[] = []
    for (const one of planned) measured.push(await measureOne(open, one))
    return measured
  })
}

async function measureOne(open: OpenRun, { code, path, calls, why }: PlannedCode): Promise<MeasuredCode> {
  if (why !== null) return { code, path, runs: [], why }
  const runs: MeasuredRun[] = []
  for (const call of calls) {
    const first = await runOnce(open, { code, call, rows: 'all' })
    if (first === null) continue
    runs.push(first)
    if (first.status >= 400) continue
    // On a busy machine a run may take long by chance, so only the fastest of several counts.
    for (let i = 1; i < RUNS || (i < MOST_RUNS && runs.every(({ ms }) => ms > SLOW_MS)); i++)
      runs.push(...present(await runOnce(open, { code, call, rows: 'all' })))
    runs.push(...present(await runOnce(open, { code, call, rows: 'few' })))
    break
  }
  return { code, path, runs, why: runs.length === 0 ? 'no request of the generated world ran it' : null }
}

function present<T>(value: T | null): readonly T[] {
  return value === null ? [] : [value]
}

interface Running {
  readonly code: string
  readonly call: CodeCall
  readonly rows: MeasuredRun['rows']
}

/** One request, after which the rows are put back; null if it did not run the code. */
async function runOnce(open: OpenRun, { code, call, rows }: Running): Promise<MeasuredRun | null> {
  const { stage, client, model, tokens } = open
  if (rows === 'few') await removeOthers(client, model, call.needs)
  stage.takeCosts?.()
  stage.takeLog?.()
  const token = call.user === null ? null : (tokens.get(call.user) ?? null)
  const { status } = await stage.ask({ ...call.sent, token })
  const lines = await linesOf(stage)
  const [cost] = (stage.takeCosts?.() ?? []).filter((one) => one.code === code).toSorted((a, b) => b.statements - a.statements)
  await putBack(open, await readRows(client, model))
  // What this run logs is no finding of the next case.
  stage.takeDefects()
  if (cost === undefined) return null
  const secrets = [...call.secrets, ...(token === null ? [] : [['the access token', token] as const])]
  return { rows, status, ms: cost.ms, statements: cost.statements, most: cost.most, logged: loggedOf(lines, secrets) }
}

/** What the backend has logged about a request that was answered: the entry about the request comes last. */
async function linesOf(stage: Stage): Promise<readonly string[]> {
  const lines: string[] = []
  for (let waited = 0; waited < ENTRY_MS; waited += STEP_MS) {
    lines.push(...(stage.takeLog?.() ?? []))
    if (lines.some((line) => line.includes('"durationMs"'))) break
    await wait(STEP_MS)
  }
  return lines
}

/** The names of the secrets whose values stand in lines of JSON. */
function loggedOf(lines: readonly string[], secrets: readonly (readonly [string, string])[]): readonly string[] {
  return secrets.flatMap(([name, value]) => {
    const inJson = JSON.stringify(value).slice(1, -1)
    return lines.some((line) => line.includes(inJson)) ? [name] : []
  })
}

/** Removes all rows that a call does not need, as far as others do not refer to them. */
async function removeOthers(client: Connection, model: Model, needs: CodeCall['needs']): Promise<void> {
  const kept = (name: string): readonly string[] =>
    [...needs].filter((key) => key.startsWith(`${name} `)).map((key) => key.slice(name.length + 1))
  for (const { name } of entitiesInOrder(model).toReversed()) {
    const table = quoted(entityNamed(model, name).table)
    await client
      .query(`delete from public.${table} t where not (t.id::text = any($1))`, [kept(name)])
      // Rows that cannot be removed stay.
      .catch(() => {})
  }
}
