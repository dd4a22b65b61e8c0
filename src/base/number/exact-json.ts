/**
 * Reads JSON without losing digits. `JSON.parse` reads every number into a double, which keeps only 15 significant digits of every number.
 * A number that a double might change is kept as text, in an object of `JSON.rawJSON` (ECMAScript proposal "JSON.parse source text access",
 * stage 4, Node 21). `JSON.stringify` writes such an object with the digits that were sent.
 */

import { isExactInDouble } from './decimal.ts'

/** A JSON number that a double might change, made by `JSON.rawJSON`. An object `{ "rawJSON": … }` in a JSON text is not such a number. */
export interface ExactNumber {
  readonly rawJSON: string
}

/** The part of ECMAScript 2026 that TypeScript's `es2023` does not declare. */
interface SourceTextJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown
  rawJSON(text: string): ExactNumber
  isRawJSON(value: unknown): value is ExactNumber
}

const json = JSON as unknown as SourceTextJson

/** A text in which a number may have more than 15 digits or an exponent of three digits. Texts in quotes may match as well. */
const LONG_NUMBER = /[\d.]{16}|\d[eE][+-]?\d{3}/

/** Whether a value is a number that was kept as text. */
export function isExactNumber(value: unknown): value is ExactNumber {
  return json.isRawJSON(value)
}

/** Parses JSON; numbers that a double might change become `ExactNumber`. @throws SyntaxError for a text that is not JSON. */
export function parseJson(text: string): unknown {
  return LONG_NUMBER.test(text) ? parseExactly(text) : JSON.parse(text)
}

/** Like `parseJson`, for a text that is known to hold a long number; it takes about seven times as long as `JSON.parse`. */
export function parseExactly(text: string): unknown {
  return json.parse(text, (_, value, { source }) =>
    typeof value === 'number' && source !== undefined ? exactNumber(source, value) : value,
  )
}

/** The value of a JSON number: a double if a double keeps every digit, else an `ExactNumber`. */
export function exactNumber(text: string, value = Number(text)): number | ExactNumber {
  return isExactInDouble(text, value) ? value : json.rawJSON(text)
}
