/** One trip to PostgreSQL: one call of a statement in its single form, or several in its merged form. */

import { failure } from '../base/failure.ts'
import { calls, type Rendered, render, renderCalls, sql } from '../base/sql.ts'
import type { Row, Statement, Values } from '../base/statement.ts'
import type { Lane, Query } from './lane.ts'

/** How a trip ended for one of its calls. */
export type Outcome = { readonly ok: true; readonly rows: readonly Row[] } | { readonly ok: false; readonly error: unknown }

/** Whether nobody waits for the outcome any more. What has not begun is then not begun; what runs for nobody else is stopped. */
export type Gone = () => boolean

export interface CallOfBatch {
  readonly values: Values
  readonly gone?: Gone | undefined
}

/** What company could not settle. */
export const ALONE = 'alone'

/** A connection, or what is left of one within a transaction. */
export interface Querying {
  readonly query: Query
}

/** Called with the name and text of each statement that is sent. */
export type OnStatement = (name: string, text: string) => void

/** How long after a merged statement failed its calls may still begin by themselves. */
const APART_MS = 3_000

/**
 * Runs the calls over a lane, in one statement when there are several. What the merged form cannot do for all (one call violates a constraint, all together take
 * too long) is done call by call, so that each gets the answer that it would have got alone. Calls that take so long that others would wait for more than
 * `APART_MS` behind them leave those others refused, with the advice to come back. `ALONE` for a call whose row is not there to be written in company. Never rejects.
 */
export async function runBatch(
  lane: Lane,
  statement: Statement,
  batch: readonly CallOfBatch[],
  onStatement: OnStatement,
): Promise<readonly (Outcome | typeof ALONE)[]> {
  if (batch.length > 1) {
    const all = batch.map(({ values }) => values)
    try {
      return byCall(statement, batch.length, await runMerged(lane, statement, all, onStatement))
    } catch (error) {
      // Without an answer from the server nobody knows whether the write took place; to repeat it could do it twice.
      if (!lane.hasAnswered()) return batch.map(() => ({ ok: false, error }))
    }
  }
  const outcomes: Outcome[] = []
  const until = performance.now() + APART_MS
  for (const { values, gone } of batch) {
    const isLate = performance.now() >= until || (batch.length > 1 && gone?.() === true)
    outcomes.push(isLate ? LATE : await runSingle(lane, statement, values, onStatement))
  }
  return outcomes
}

const LATE: Outcome = { ok: false, error: failure('overloaded', {}, 'calls of the same statement took too long') }

/** Runs one call in the single form. Never rejects. */
export async function runSingle(lane: Querying, statement: Statement, values: Values, onStatement: OnStatement): Promise<Outcome> {
  const form = singleForm(statement)
  onStatement(statement.name, form.text)
  try {
    const rows = await lane.query(
      form.text,
      form.slots.map((slot) => values[slot.key] ?? null),
    )
    return { ok: true, rows }
  } catch (error) {
    return { ok: false, error }
  }
}

/** Runs many calls as one statement, all or nothing. @throws the driver's error; Error for a statement that does not merge. */
export function runMerged(
  lane: Querying,
  statement: Statement,
  batch: readonly Values[],
  onStatement: OnStatement,
): Promise<readonly Row[]> {
  const form = mergedForm(statement)
  onStatement(statement.name, form.text)
  return lane.query(
    form.text,
    form.slots.map((slot) => batch.map((values) => values[slot.key] ?? null)),
  )
}

/** Rows of a merged statement, dealt out by their first column. Only statements that merge by `calls` show it themselves. */
function byCall(statement: Statement, count: number, rows: readonly Row[]): readonly (Outcome | typeof ALONE)[] {
  const dealt: Row[][] = Array.from({ length: count }, () => [])
  for (const row of rows) dealt[Number(row[0]) - 1]?.push(statement.merge === 'calls' ? row : row.slice(1))
  return dealt.map((own) => (own.length === 0 && statement.distinct !== undefined ? ALONE : { ok: true, rows: own }))
}

const singles = new WeakMap<Statement, Rendered>()
const merged = new WeakMap<Statement, Rendered>()

function singleForm(statement: Statement): Rendered {
  let form = singles.get(statement)
  if (form === undefined) {
    form = render(statement.sql)
    singles.set(statement, form)
  }
  return form
}

function mergedForm(statement: Statement): Rendered {
  let form = merged.get(statement)
  if (form === undefined) {
    form = renderCalls(
      statement.merge === 'lateral'
        ? sql`with call as (${calls}) select call.ord, r.* from call cross join lateral (${statement.sql}) r`
        : statement.sql,
    )
    merged.set(statement, form)
  }
  return form
}
