/** One trip to PostgreSQL: one call of a statement in its single form, or several in its merged form. */

import type { Rendered } from '../../base/sql/render.ts'
import { MAX_ANSWER_BYTES, type Row, type Statement, type Value, type Values } from '../../base/sql/statement.ts'
import type { Lane, Parameter, Query } from './connection.ts'
import { allOf, distinctCalls, type TooLarge, withShared } from './deduplicate.ts'
import type { Sharing } from './statement-costs.ts'
import { formInCompany, mergedForm, singleForm } from './statement-text.ts'

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
  { shares, onStatement }: Running,
): Promise<Outcomes> {
  const [only] = batch
  if (batch.length === 1 && only !== undefined)
    return { asked: 1, sharing: null, of: [await runSingle(lane, statement, only, onStatement)] }
  const reads = statement.merge === 'lateral'
  const { distinct, places } = reads ? distinctCalls(mergedForm(statement).slots, batch) : allOf(batch)
  const asked = distinct.length
  try {
    if (reads) {
      const together = await readTogether(lane, statement, distinct, { shares, onStatement })
      return { asked, sharing: together.sharing, of: handedOut(together.of, places) }
    }
    return { asked, sharing: null, of: byCall(statement, asked, await runMerged(lane, statement, distinct, onStatement)) }
  } catch (error) {
    // Without an answer from the server nobody knows whether the write took place; to repeat it could do it twice.
    return { asked, sharing: null, of: batch.map(() => (lane.hasAnswered() ? ALONE : { ok: false, error })) }
  }
}

/** How a batch is run. */
export interface Running {
  /** Whether calls that only read share what they show. */
  readonly shares: boolean
  readonly onStatement: OnStatement
}

/** How a trip ended for each of its calls, how many different ones they were, and what they shared. */
export interface Outcomes {
  readonly asked: number
  readonly sharing: Sharing | null
  readonly of: readonly (Outcome | typeof ALONE)[]
}

/** Runs different calls that only read; what several of them show is made once. @throws the driver's error */
async function readTogether(
  lane: Lane,
  statement: Statement,
  calls: readonly Values[],
  { shares, onStatement }: Running,
): Promise<Pick<Outcomes, 'sharing' | 'of'>> {
  const [only] = calls
  if (calls.length === 1 && only !== undefined) {
    const outcome = await runSingle(lane, statement, only, onStatement)
    if (!outcome.ok) throw outcome.error
    return { sharing: null, of: [outcome] }
  }
  const form = formInCompany(statement)
  if (!shares || !form.shares) {
    return { sharing: null, of: byCall(statement, calls.length, await runMerged(lane, statement, calls, onStatement)) }
  }
  onStatement(statement.name, form.text)
  const { rows, sharing } = withShared(await lane.query(form.text, parametersOfAll(form, calls)))
  return { sharing, of: byCall(statement, calls.length, rows) }
}

/** Characters of answers that one trip gives to its callers: each makes bytes of his own of them, and so many large ones at once are too much for a process. */
const MOST_HANDED_OUT = 2 * MAX_ANSWER_BYTES

/** The outcome for each call, by its place among those of the different ones, as far as there is room for the answers; at least the first has. */
function handedOut(outcomes: Outcomes['of'], places: readonly number[]): Outcomes['of'] {
  let characters = 0
  return places.map((place) => {
    const outcome = outcomes[place] ?? ALONE
    if (outcome === ALONE || !outcome.ok) return outcome
    for (const row of outcome.rows) for (const text of row) characters += text?.length ?? 0
    return characters <= MOST_HANDED_OUT ? outcome : ALONE
  })
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
function byCall(statement: Statement, count: number, rows: readonly (Row | TooLarge)[]): Outcomes['of'] {
  const dealt: Row[][] = Array.from({ length: count }, () => [])
  const alone = new Set<number>()
  for (const row of rows) {
    if ('tooLarge' in row) alone.add(row.tooLarge - 1)
    else dealt[Number(row[0]) - 1]?.push(statement.merge === 'calls' ? row : row.slice(1))
  }
  return dealt.map((own, i) => (alone.has(i) || (own.length === 0 && statement.distinct !== undefined) ? ALONE : { ok: true, rows: own }))
}
