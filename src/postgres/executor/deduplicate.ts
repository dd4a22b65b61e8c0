/** What calls of one statement have in common: what they ask, and what they are shown. */

import { MARK } from '../../base/sql/render.ts'
import type { Slot } from '../../base/sql/sql.ts'
import { MAX_ANSWER_BYTES, type Row, type Values } from '../../base/sql/statement.ts'
import type { Sharing } from './statement-costs.ts'

/** Calls without those that repeat another, and for each of all calls the place of its like among them. */
export interface Distinct {
  readonly distinct: readonly Values[]
  readonly places: readonly number[]
}

/** Tells calls apart by the values that the statement takes. */
export function distinctCalls(slots: readonly Slot[], batch: readonly Values[]): Distinct {
  const [first] = slots
  // Most often one value tells all of them apart, and to put all values together costs more than to look at one.
  if (first !== undefined && new Set(batch.map((values) => values[first.key])).size === batch.length) return allOf(batch)
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

/** Every call for itself. */
export function allOf(batch: readonly Values[]): Distinct {
  return { distinct: batch, places: batch.map((_, i) => i) }
}

/** Unequal for unequal values: no text that PostgreSQL takes has a NUL, and null is told from every text. */
function keyOf(slots: readonly Slot[], values: Values): string {
  let key = ''
  for (const slot of slots) {
    const value = values[slot.key] ?? null
    key += value === null ? '\0' : `=${value}\0`
  }
  return key
}

/** Instead of the rows of a call whose answer may not be sent: the `ord` of the call. */
export interface TooLarge {
  readonly tooLarge: number
}

/** The rows of calls that a statement which shares has answered, with what is shared in its places. */
export function withShared(rows: readonly Row[]): { readonly rows: readonly (Row | TooLarge)[]; readonly sharing: Sharing } {
  const shared = new Map<string | null, string | null>()
  for (const row of rows) if (row[0] === null) shared.set(row.at(-2) ?? null, row.at(-1) ?? null)
  let shown = 0
  const filledIn = (text: string | null) => {
    if (!text?.includes(MARK)) return text
    const pieces = text.split(MARK)
    shown += (pieces.length - 1) / 2
    return filled(pieces, shared)
  }
  const whole = rows.flatMap((row) => {
    const [ord] = row
    if (ord === null) return []
    const texts = row.slice(0, -2).map(filledIn)
    return [texts.includes(TOO_LARGE) || isTooLarge(texts) ? { tooLarge: Number(ord) } : texts]
  })
  return { rows: whole, sharing: { made: shared.size, shown } }
}

/** No JSON is empty. */
const TOO_LARGE = ''

/** A text in pieces, of which every second is the key of what belongs there; where that was too large to be sent, nothing. */
function filled(pieces: readonly string[], shared: ReadonlyMap<string | null, string | null>): string {
  let whole = ''
  for (const [i, piece] of pieces.entries()) {
    const part = i % 2 === 0 ? piece : shared.get(piece)
    if (part === undefined || part === null) return TOO_LARGE
    whole += part
  }
  return whole
}

/** The statement has measured without what is shared. */
function isTooLarge(row: Row): boolean {
  let [bytes, length] = [0, 0]
  for (const text of row) length += text?.length ?? 0
  // A character of UTF-16 has at most three bytes in UTF-8.
  if (length * 3 <= MAX_ANSWER_BYTES) return false
  for (const text of row) bytes += text === null ? 0 : Buffer.byteLength(text)
  return bytes > MAX_ANSWER_BYTES
}
