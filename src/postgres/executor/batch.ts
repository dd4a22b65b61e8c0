/** One round trip to PostgreSQL: one call with the single text of its statement, or several calls with the merged text. */

import type { Rendered } from '../../base/sql/render.ts'
import { areSealed, MAX_ANSWER_BYTES, type Row, type RowReader, type Statement, type Value, type Values } from '../../base/sql/statement.ts'
import type { Parameter, PooledConnection, Query } from './connection.ts'
import { allDistinct, distinctCalls, type TooLarge, withShared } from './deduplicate.ts'
import type { Sharing } from './statement-costs.ts'
import { mergedText, sharingText, shortText, singleText } from './statement-text.ts'

/** The result of one call, or the driver's error. */
export type CallOutcome<R = unknown> = { readonly ok: true; readonly result: R } | { readonly ok: false; readonly error: unknown }

/** The merged run gave no answer for this call; run it singly. */
export const RETRY_SINGLE = 'retry-single'

/** Runs queries: a connection, or a transaction on a connection. */
export interface Queryable {
  readonly query: Query
}

/** Called for each statement that is sent: its name, its text, and how many calls it answers. */
export type OnStatement = (name: string, text: string, calls: number) => void

/** How a batch is run. */
export interface BatchOptions {
  /** Whether calls of reads share JSON: JSON that several answers contain is then sent once. */
  readonly shares: boolean
  readonly onStatement: OnStatement
}

/** The results of a batch: an outcome for each call, the number of different calls, and the amount of shared JSON. */
export interface BatchOutcomes {
  readonly asked: number
  readonly sharing: Sharing | null
  readonly of: readonly (CallOutcome | typeof RETRY_SINGLE)[]
}

/**
 * Runs the calls over a connection; several calls run in one statement. When the merged statement fails (a call violates a constraint, or
 * the statement takes too long), every call gets `RETRY_SINGLE` and runs singly, so that it gets its own answer. A call that found no row
 * to write in the merged run, and a call whose answer is too large, also get `RETRY_SINGLE`. Never rejects.
 */
export async function runBatch(
  connection: PooledConnection,
  statement: Statement<unknown>,
  batch: readonly Values[],
  { shares, onStatement }: BatchOptions,
): Promise<BatchOutcomes> {
  const [only] = batch
  if (batch.length === 1 && only !== undefined)
    return { asked: 1, sharing: null, of: [await runSingle(connection, statement, only, onStatement)] }
  const reads = statement.merge === 'lateral'
  const { distinct, places } = reads ? distinctCalls(mergedText(statement).slots, batch) : allDistinct(batch)
  const asked = distinct.length
  try {
    if (reads) {
      const together = await runReads(connection, statement, distinct, { shares, onStatement })
      return { asked, sharing: together.sharing, of: handOut(together.of, places, sizeIn(statement)) }
    }
    return { asked, sharing: null, of: await runTexts(connection, statement, distinct, onStatement) }
  } catch (error) {
    // Without an answer from the server it is unknown whether it executed the write; a retry could write twice.
    return { asked, sharing: null, of: batch.map(() => (connection.hasAnswered() ? RETRY_SINGLE : { ok: false, error })) }
  }
}

/** Runs different calls of a read. JSON that several answers contain is sent once. @throws the driver's error */
async function runReads(
  connection: PooledConnection,
  statement: Statement<unknown>,
  calls: readonly Values[],
  { shares, onStatement }: BatchOptions,
): Promise<Pick<BatchOutcomes, 'sharing' | 'of'>> {
  const [only] = calls
  if (calls.length === 1 && only !== undefined) {
    const outcome = await runSingle(connection, statement, only, onStatement)
    if (!outcome.ok) throw outcome.error
    return { sharing: null, of: [outcome] }
  }
  if (statement.read !== undefined) return { sharing: null, of: await runReader(connection, statement, calls, onStatement) }
  const rendered = sharingText(statement)
  if (!shares || !rendered.shares) return { sharing: null, of: await runTexts(connection, statement, calls, onStatement) }
  onStatement(statement.name, rendered.text, calls.length)
  const { rows, sharing } = withShared(await connection.query(rendered.text, parametersOfAll(rendered, calls)))
  return { sharing, of: byCall(statement, calls.length, rows) }
}

/** Runs many calls whose rows are read as text. @throws the driver's error */
async function runTexts(
  connection: PooledConnection,
  statement: Statement<unknown>,
  calls: readonly Values[],
  onStatement: OnStatement,
): Promise<BatchOutcomes['of']> {
  return byCall(statement, calls.length, await runMerged(connection, statement, calls, onStatement))
}

/** Runs many calls whose rows a reader reads. @throws the driver's error */
async function runReader(
  connection: PooledConnection,
  statement: Statement<unknown>,
  calls: readonly Values[],
  onStatement: OnStatement,
): Promise<BatchOutcomes['of']> {
  const { read } = statement
  if (read === undefined) throw new Error(`${statement.name} has no reader`)
  const rendered = mergedText(statement)
  onStatement(statement.name, rendered.text, calls.length)
  const results = await connection.query(rendered.text, parametersOfAll(rendered, calls), () => readEach(calls.length, read.open))
  return results.map((result) => ({ ok: true, result }))
}

/**
 * The maximum total length of the answers of one batch, in characters or bytes. Each request encodes its answer separately, and memory is
 * limited.
 */
const MAX_HANDED_OUT = 2 * MAX_ANSWER_BYTES

/** Gives each call the outcome at its index, up to `MAX_HANDED_OUT` in all. The first call always gets its outcome. */
function handOut(outcomes: BatchOutcomes['of'], places: readonly number[], size: (result: unknown) => number): BatchOutcomes['of'] {
  let total = 0
  return places.map((place) => {
    const outcome = outcomes[place] ?? RETRY_SINGLE
    if (outcome === RETRY_SINGLE || !outcome.ok) return outcome
    total += size(outcome.result)
    return total <= MAX_HANDED_OUT ? outcome : RETRY_SINGLE
  })
}

function sizeIn({ read }: Statement<unknown>): (result: unknown) => number {
  // Without a reader, a result is rows as text.
  return read?.size ?? ((result) => charactersOf(result as readonly Row[]))
}

function charactersOf(rows: readonly Row[]): number {
  let characters = 0
  for (const row of rows) for (const text of row) characters += text?.length ?? 0
  return characters
}

/**
 * Runs one call with the short text of its statement, and with the single text if there is no short one or it returns no row. Never
 * rejects.
 */
export async function runSingle<R>(
  on: Queryable,
  statement: Statement<R>,
  values: Values,
  onStatement: OnStatement,
): Promise<CallOutcome<R>> {
  const run = (rendered: Rendered): Promise<R> => {
    onStatement(statement.name, rendered.text, 1)
    return on.query(rendered.text, parametersOf(rendered, values), statement.read?.open)
  }
  try {
    const short = shortText(statement)
    const done = short === null ? null : await run(short)
    // Only statements without a reader have a short text, so the result is rows as text.
    const isDone = done !== null && (done as readonly Row[]).length > 0
    return { ok: true, result: isDone ? done : await run(singleText(statement)) }
  } catch (error) {
    return { ok: false, error }
  }
}

/**
 * Runs many calls as one statement; all succeed or none. Each row begins with the `ord` of its call, from 1.
 *
 * @throws the driver's error; Error for a statement that cannot merge.
 */
export function runMerged(
  on: Queryable,
  statement: Statement<unknown>,
  batch: readonly Values[],
  onStatement: OnStatement,
): Promise<readonly Row[]> {
  const rendered = mergedText(statement)
  onStatement(statement.name, rendered.text, batch.length)
  return on.query(rendered.text, parametersOfAll(rendered, batch))
}

/** The parameters of a statement for one call. @throws Error for clear text in the place of an encrypted value (a defect of Plinth). */
export function parametersOf({ slots, sealed }: Rendered, values: Values): readonly Parameter[] {
  if (sealed) requireSealed([values])
  return slots.map(({ key }) => {
    const value = values[key] ?? null
    return value === null ? null : String(value)
  })
}

/** The parameters of a merged statement: for each slot, an array with the values of all calls. */
function parametersOfAll({ slots, sealed }: Rendered, batch: readonly Values[]): readonly Parameter[] {
  if (sealed) requireSealed(batch)
  return slots.map(({ key }) => {
    let literal = '{'
    for (let i = 0; i < batch.length; i++) literal += `${i === 0 ? '' : ','}${elementOf(batch[i]?.[key] ?? null)}`
    return `${literal}}`
  })
}

function requireSealed(batch: readonly Values[]): void {
  if (!batch.every(areSealed)) throw new Error('a value that must be encrypted was not encrypted')
}

/** An element of an array literal (PostgreSQL, "Array Input and Output Syntax"). */
function elementOf(value: Value): string {
  if (value === null) return 'null'
  if (typeof value !== 'string') return String(value)
  return /["\\]/.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : `"${value}"`
}

/**
 * Groups the rows of a merged statement by their first column, the `ord` of the call. Rows of other statements than `calls` lose this
 * column.
 */
function byCall(statement: Statement<unknown>, count: number, rows: readonly (Row | TooLarge)[]): BatchOutcomes['of'] {
  const groups: Row[][] = Array.from({ length: count }, () => [])
  const tooLarge = new Set<number>()
  for (const row of rows) {
    if ('tooLarge' in row) tooLarge.add(row.tooLarge - 1)
    else groups[Number(row[0]) - 1]?.push(statement.merge === 'calls' ? row : row.slice(1))
  }
  return groups.map((group, i) =>
    tooLarge.has(i) || (group.length === 0 && statement.distinct !== undefined) ? RETRY_SINGLE : { ok: true, result: group },
  )
}

/** The bytes of the first column, the `ord` of a call as `bigint`, and of its length. */
const ORD_BYTES = 12

/**
 * Reads the rows of a merged statement for each of its calls. The `ord` of the call is the first column of a row, and is not passed on. The
 * rows of a call come together, so one call is read at a time. A call without rows has a result, too.
 */
function readEach<R>(count: number, open: () => RowReader<R>): RowReader<readonly R[]> {
  const results: (R | typeof NO_RESULT)[] = new Array(count).fill(NO_RESULT)
  let current = 0
  let reader: RowReader<R> | null = null
  const finish = (): void => {
    if (reader !== null) results[current - 1] = reader.end()
    reader = null
  }
  return {
    add(bytes, at) {
      const ord = bytes.readUInt32BE(at + ORD_BYTES - 4)
      if (reader === null || ord !== current) {
        finish()
        if (results[ord - 1] !== NO_RESULT) throw new Error(`the rows of call ${ord} do not come together`)
        current = ord
        reader = open()
      }
      reader.add(bytes, at + ORD_BYTES)
    },
    end() {
      finish()
      return results.map((result) => (result === NO_RESULT ? open().end() : result))
    },
  }
}

/** Stands for the result of a call that has no rows yet. A result may be null. */
const NO_RESULT = Symbol('no result')
