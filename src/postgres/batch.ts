/** One trip to PostgreSQL: one call of a statement in its single form, or several in its merged form. */

import type { Rendered } from '../base/render.ts'
import type { Row, Statement, Value, Values } from '../base/statement.ts'
import { formInCompany, mergedForm, singleForm } from './forms.ts'
import { distinctCalls, type TooLarge, withShared } from './in-common.ts'
import type { Lane, Parameter, Query } from './lane.ts'

/** How a trip ended for one of its calls. */
export type Outcome = { readonly ok: true; readonly rows: readonly Row[] } | { readonly ok: false; readonly error: unknown }

/** Whether nobody waits for the outcome any more. What has not begun is then not begun; what runs for nobody else is stopped. */
export type Gone = () => boolean

/** What company could not settle. */
export const ALONE = 'alone'

/** A connection, or what is left of one within a transaction. */
export interface Querying {
  readonly query: Query
}

/** Called with the name and text of each statement that is sent. */
export type OnStatement = (name: string, text: string) => void

/**
 * Runs the calls over a lane, in one statement when there are several. What the merged form cannot do for all (one call violates a constraint, all together
 * take too long) is nobody's outcome: each of them has to go again alone and gets the answer that it would have got alone. So does a call whose row is not
 * there to be written in company, or whose answer is too large. Never rejects.
 */
export async function runBatch(
  lane: Lane,
  statement: Statement,
  batch: readonly Values[],
  onStatement: OnStatement,
): Promise<readonly (Outcome | typeof ALONE)[]> {
  const [only] = batch
  if (batch.length === 1 && only !== undefined) return [await runSingle(lane, statement, only, onStatement)]
  try {
    if (statement.merge === 'lateral') return await readTogether(lane, statement, batch, onStatement)
    return byCall(statement, batch.length, await runMerged(lane, statement, batch, onStatement))
  } catch (error) {
    // Without an answer from the server nobody knows whether the write took place; to repeat it could do it twice.
    return batch.map(() => (lane.hasAnswered() ? ALONE : { ok: false, error }))
  }
}

/** Runs calls that only read: what several of them ask alike is asked once, and what several of them show is made once. */
async function readTogether(
  lane: Querying,
  statement: Statement,
  batch: readonly Values[],
  onStatement: OnStatement,
): Promise<readonly (Outcome | typeof ALONE)[]> {
  const form = formInCompany(statement)
  const { distinct, places } = distinctCalls(form.slots, batch)
  const [only] = distinct
  if (distinct.length === 1 && only !== undefined) {
    const outcome = await runSingle(lane, statement, only, onStatement)
    if (!outcome.ok) throw outcome.error
    return batch.map(() => outcome)
  }
  onStatement(statement.name, form.text)
  const rows = await lane.query(form.text, parametersOfAll(form, distinct))
  const outcomes = byCall(statement, distinct.length, form.shares ? withShared(rows) : rows)
  return places.map((place) => outcomes[place] ?? ALONE)
}

/** Runs one call in the single form. Never rejects. */
export async function runSingle(lane: Querying, statement: Statement, values: Values, onStatement: OnStatement): Promise<Outcome> {
  const form = singleForm(statement)
  onStatement(statement.name, form.text)
  try {
    return { ok: true, rows: await lane.query(form.text, parametersOf(form, values)) }
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
  return lane.query(form.text, parametersOfAll(form, batch))
}

function parametersOf({ slots }: Rendered, values: Values): readonly Parameter[] {
  return slots.map(({ key }) => {
    const value = values[key] ?? null
    return value === null ? null : String(value)
  })
}

/** For each slot an array with the values of all calls. */
function parametersOfAll({ slots }: Rendered, batch: readonly Values[]): readonly Parameter[] {
  return slots.map(({ key }) => {
    let literal = '{'
    for (const [i, values] of batch.entries()) literal += `${i === 0 ? '' : ','}${elementOf(values[key] ?? null)}`
    return `${literal}}`
  })
}

/** An element of an array literal (PostgreSQL, "Array Input and Output Syntax"). */
function elementOf(value: Value): string {
  if (value === null) return 'null'
  if (typeof value !== 'string') return String(value)
  return /["\\]/.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : `"${value}"`
}

/** Rows of a merged statement, dealt out by their first column. Only statements that merge by `calls` show it themselves. */
function byCall(statement: Statement, count: number, rows: readonly (Row | TooLarge)[]): readonly (Outcome | typeof ALONE)[] {
  const dealt: Row[][] = Array.from({ length: count }, () => [])
  const alone = new Set<number>()
  for (const row of rows) {
    if ('tooLarge' in row) alone.add(row.tooLarge - 1)
    else dealt[Number(row[0]) - 1]?.push(statement.merge === 'calls' ? row : row.slice(1))
  }
  return dealt.map((own, i) => (alone.has(i) || (own.length === 0 && statement.distinct !== undefined) ? ALONE : { ok: true, rows: own }))
}
