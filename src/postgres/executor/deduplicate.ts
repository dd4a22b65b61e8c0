/** Runs equal calls of a statement once, and sends JSON that several answers contain once. */

import { MARK } from '../../base/sql/render.ts'
import type { Slot } from '../../base/sql/sql.ts'
import { MAX_ANSWER_BYTES, type Row, type Values } from '../../base/sql/statement.ts'
import { allDiffer } from '../../base/texts/text-hash.ts'
import type { Sharing } from './statement-costs.ts'

/** Calls without duplicates; for each original call, the index of the equal call among them. */
export interface DistinctCalls {
  readonly distinct: readonly Values[]
  readonly places: readonly number[]
}

/** Finds duplicates among calls. Calls are equal when they have equal values in `slots`, the slots of their statement. */
export function distinctCalls(slots: readonly Slot[], batch: readonly Values[]): DistinctCalls {
  const [first] = slots
  // Usually the first value differs in all calls, and comparing one value is cheaper than joining all values.
  if (first !== undefined && allDiffer(batch.map((values) => String(values[first.key])))) return allDistinct(batch)
  const seen = new Map<string, number>()
  const distinct: Values[] = []
  const places = batch.map((values) => {
    const key = keyOf(slots, values)
    const known = seen.get(key)
    if (known !== undefined) return known
    seen.set(key, distinct.length)
    return distinct.push(values) - 1
  })
  return { distinct, places }
}

/** Treats every call as a different one. */
export function allDistinct(batch: readonly Values[]): DistinctCalls {
  return { distinct: batch, places: batch.map((_, i) => i) }
}

/**
 * A key of the values: different values have different keys. Values are joined by NUL, which no text of PostgreSQL contains; the key of
 * null differs from the key of every text.
 */
function keyOf(slots: readonly Slot[], values: Values): string {
  let key = ''
  for (const slot of slots) {
    const value = values[slot.key] ?? null
    key += value === null ? '\0' : `=${value}\0`
  }
  return key
}

/** Stands in place of the rows of a call whose answer is too large; contains the `ord` of the call. */
export interface TooLarge {
  readonly tooLarge: number
}

/**
 * Inserts the shared texts into the answers.
 *
 * @param rows the rows of a statement that shares JSON (`RenderedEach`): rows of answers, and rows with one shared text each
 * @returns the rows of answers without the two columns of shared texts, and the number of shared texts
 */
export function withShared(rows: readonly Row[]): { readonly rows: readonly (Row | TooLarge)[]; readonly sharing: Sharing } {
  const shared = new Map<string | null, string | null>()
  for (const row of rows) if (row[0] === null) shared.set(row.at(-2) ?? null, row.at(-1) ?? null)
  let shown = 0
  const filledIn = (text: string | null) => {
    if (!text?.includes(MARK)) return text
    const pieces = text.split(MARK)
    shown += (pieces.length - 1) / 2
    return joinPieces(pieces, shared)
  }
  const whole = rows.flatMap((row) => {
    const [ord] = row
    if (ord === null) return []
    const texts = row.slice(0, -2).map(filledIn)
    return [texts.includes(TOO_LARGE) || isTooLarge(texts) ? { tooLarge: Number(ord) } : texts]
  })
  return { rows: whole, sharing: { made: shared.size, shown } }
}

/** Marks a text that is too large; no JSON is empty. */
const TOO_LARGE = ''

/** Joins the pieces of a text; every second piece is the key of a shared text. `TOO_LARGE` when a shared text was too large to be sent. */
function joinPieces(pieces: readonly string[], shared: ReadonlyMap<string | null, string | null>): string {
  let whole = ''
  for (const [i, piece] of pieces.entries()) {
    const part = i % 2 === 0 ? piece : shared.get(piece)
    if (part === undefined || part === null) return TOO_LARGE
    whole += part
  }
  return whole
}

/** Measures an answer again, because the statement measured it without its shared texts. */
function isTooLarge(row: Row): boolean {
  let [bytes, length] = [0, 0]
  for (const text of row) length += text?.length ?? 0
  // A UTF-16 code unit has at most three bytes in UTF-8.
  if (length * 3 <= MAX_ANSWER_BYTES) return false
  for (const text of row) bytes += text === null ? 0 : Buffer.byteLength(text)
  return bytes > MAX_ANSWER_BYTES
}
