/** Reads the values of a design (defaults, limits): one row for each scalar. It refuses values that PostgreSQL would change silently. */

import { durationMs, readDate, readTime, readTimestamp } from '../../base/calendar.ts'
import { compareDecimals, decimalPattern } from '../../base/number/decimal.ts'
import { isStorable, isStorableJson, readEmail, readUrl, readUuid } from '../../base/text-values.ts'
import { MAX_INTEGER, type ScalarKind } from '../../model/scalar.ts'

/** How values of a scalar are described, read and compared. */
interface ValueFacts {
  /** The end of a message that begins with "expected". */
  readonly says: string
  /** The one canonical spelling of a value; undefined when it is not a value of the scalar. */
  readonly read: (value: unknown) => unknown
  /** Compares two canonical values: negative, zero or positive. */
  readonly compare: (a: never, b: never) => number
}

const DECIMAL = new RegExp(decimalPattern(null))

/** The facts about the values of each scalar. */
export const VALUES = {
  text: { says: 'text without NUL', read: fromText((text) => (isStorable(text) ? text : undefined)), compare: compareText },
  email: { says: 'an email address', read: fromText(readEmail), compare: compareText },
  url: { says: 'an http or https URL', read: fromText(readUrl), compare: compareText },
  uuid: { says: 'a UUID', read: fromText(readUuid), compare: compareText },
  integer: {
    says: `a whole number within ±${MAX_INTEGER}`,
    read: (v) => (Number.isSafeInteger(v) ? v : undefined),
    compare: compareNumber,
  },
  decimal: { says: 'a decimal such as "12.50"', read: readDecimal, compare: compareDecimals },
  number: { says: 'a number', read: (v) => (typeof v === 'number' && Number.isFinite(v) ? v : undefined), compare: compareNumber },
  boolean: { says: 'true or false', read: (v) => (typeof v === 'boolean' ? v : undefined), compare: () => 0 },
  timestamp: { says: 'a timestamp such as "2024-01-31T09:30:00Z"', read: fromText(readTimestamp), compare: compareText },
  date: { says: 'a date such as "2024-01-31"', read: fromText(readDate), compare: compareText },
  time: { says: 'a time such as "09:30" or "09:30:00"', read: fromText(readTime), compare: compareText },
  duration: {
    says: 'a duration of weeks or of days, hours, minutes and seconds, such as "P1D" or "PT1H30M"',
    read: readDuration,
    compare: compareDurations,
  },
  encrypted: { says: 'text without NUL', read: fromText((text) => (isStorable(text) ? text : undefined)), compare: compareText },
  encryptedEqual: { says: 'text without NUL', read: fromText((text) => (isStorable(text) ? text : undefined)), compare: compareText },
  json: { says: 'a JSON value other than null', read: (v) => (v !== null && isStorableJson(v) ? v : undefined), compare: () => 0 },
} as const satisfies Record<ScalarKind, ValueFacts>

/** The canonical spelling of a value of the scalar; undefined when it is not a value of the scalar. */
export function readValue(scalar: ScalarKind, value: unknown): unknown {
  return VALUES[scalar].read(value)
}

/** Negative, zero or positive as the first is smaller than, equal to or greater than the second; both as `readValue` gives them. */
export function compareValues(scalar: ScalarKind, a: unknown, b: unknown): number {
  return (VALUES[scalar].compare as (a: unknown, b: unknown) => number)(a, b)
}

function readDecimal(value: unknown): string | undefined {
  // a double of more than 15 digits may differ from what the author wrote; a text is exact
  const exact = typeof value === 'number' && /^-?\d+(\.\d+)?$/.test(String(value)) && String(value).replaceAll(/[-.]/g, '').length <= 15
  const text = exact ? String(value) : value
  return typeof text === 'string' && DECIMAL.test(text) ? text : undefined
}

/** A duration of fixed length (RFC 3339, appendix A); years and months have none. Kept as written. */
function readDuration(value: unknown): string | undefined {
  return typeof value === 'string' && durationMs(value) !== undefined ? value : undefined
}

/** Applies `read` to a text; undefined for any other value. */
function fromText(read: (text: string) => string | undefined): (value: unknown) => string | undefined {
  return (value) => (typeof value === 'string' ? read(value) : undefined)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function compareNumber(a: number, b: number): number {
  return a - b
}

function compareDurations(a: string, b: string): number {
  return (durationMs(a) ?? 0) - (durationMs(b) ?? 0)
}

/** Digits after the point. */
export function fractionDigits(decimal: string): number {
  return decimal.split('.')[1]?.length ?? 0
}

/** Digits before the point, leading zeros not counted. */
export function wholeDigits(decimal: string): number {
  return (decimal.replace('-', '').split('.')[0] ?? '').replace(/^0+/, '').length
}
