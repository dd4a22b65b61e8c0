/** Values of the design itself (defaults, limits) against the type they stand for: one row a scalar. Strict where PostgreSQL would bend. */

import type { ScalarKind } from '../model/scalar.ts'
import { MAX_INTEGER } from '../model/scalar.ts'

/** How the values of a scalar are written, read and put in order. */
interface ValueFacts {
  /** "expected …". */
  readonly says: string
  /** The one canonical spelling of a value; undefined when it is not one. */
  readonly read: (value: unknown) => unknown
  /** Negative, zero or positive, of two canonical values. */
  readonly compare: (a: never, b: never) => number
}

const EMAIL =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const DECIMAL = /^-?\d{1,1000}(\.\d{1,1000})?$/
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/
const TIME = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?$/
const DURATION = /^P(?!$)(?:(\d{1,7})W|(?:(\d{1,8})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,10})M)?(?:(\d{1,12})(?:\.(\d{1,3}))?S)?)?)$/

export const VALUES = {
  text: { says: 'text', read: readText, compare: compareText },
  // stored in lower case, so that one address is one account
  email: { says: 'an email address', read: (v) => matching(v, EMAIL, 254)?.toLowerCase(), compare: compareText },
  url: { says: 'an http or https URL', read: readUrl, compare: compareText },
  uuid: { says: 'a UUID', read: (v) => matching(v, UUID, 36)?.toLowerCase(), compare: compareText },
  integer: {
    says: `a whole number within ±${MAX_INTEGER}`,
    read: (v) => (Number.isSafeInteger(v) ? v : undefined),
    compare: compareNumber,
  },
  decimal: { says: 'a decimal such as "12.50"', read: readDecimal, compare: compareDecimals },
  number: { says: 'a number', read: (v) => (typeof v === 'number' && Number.isFinite(v) ? v : undefined), compare: compareNumber },
  boolean: { says: 'true or false', read: (v) => (typeof v === 'boolean' ? v : undefined), compare: () => 0 },
  timestamp: { says: 'a timestamp such as "2024-01-31T09:30:00Z"', read: readTimestamp, compare: compareText },
  date: { says: 'a date such as "2024-01-31"', read: readDate, compare: compareText },
  time: { says: 'a time such as "09:30" or "09:30:00"', read: readTime, compare: compareText },
  duration: {
    says: 'a duration of weeks or of days, hours, minutes and seconds, such as "P1D" or "PT1H30M"',
    read: readDuration,
    compare: compareDurations,
  },
  json: { says: 'a JSON value', read: (v) => v, compare: () => 0 },
} as const satisfies Record<ScalarKind, ValueFacts>

/** The canonical spelling of a value of the scalar; undefined when it is not one. */
export function readValue(scalar: ScalarKind, value: unknown): unknown {
  return VALUES[scalar].read(value)
}

/** Negative, zero or positive as the first is smaller than, equal to or greater than the second; both as `readValue` gives them. */
export function compareValues(scalar: ScalarKind, a: unknown, b: unknown): number {
  return (VALUES[scalar].compare as (a: unknown, b: unknown) => number)(a, b)
}

/** The number of code points, which is what limits on text count. */
export function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function matching(value: unknown, pattern: RegExp, max: number): string | undefined {
  return typeof value === 'string' && value.length <= max && pattern.test(value) ? value : undefined
}

function readUrl(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 2048 && /^https?:\/\/\S+$/i.test(value) && URL.canParse(value) ? value : undefined
}

function readDecimal(value: unknown): string | undefined {
  // a double of more than 15 digits may differ from what the author wrote; text says it exactly
  const exact = typeof value === 'number' && /^-?\d+(\.\d+)?$/.test(String(value)) && String(value).replaceAll(/[-.]/g, '').length <= 15
  const text = exact ? String(value) : value
  return typeof text === 'string' && DECIMAL.test(text) ? text : undefined
}

/** RFC 3339 with an offset, to UTC with milliseconds; years 0001 to 9999. */
function readTimestamp(value: unknown): string | undefined {
  const match = typeof value === 'string' ? TIMESTAMP.exec(value) : null
  if (match === null || readDate(match[1]) === undefined) return undefined
  const at = new Date(String(value))
  const year = at.getUTCFullYear()
  return year >= 1 && year <= 9999 ? at.toISOString() : undefined
}

/** A day that exists, years 0001 to 9999. */
function readDate(value: unknown): string | undefined {
  const match = typeof value === 'string' ? /^(\d{4})-(\d{2})-(\d{2})$/.exec(value) : null
  if (match === null) return undefined
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const at = new Date(0)
  at.setUTCFullYear(year, month - 1, day)
  return year >= 1 && at.getUTCMonth() === month - 1 && at.getUTCDate() === day ? match[0] : undefined
}

/** To `HH:MM:SS.mmm`. */
function readTime(value: unknown): string | undefined {
  const text = matching(value, TIME, 12)
  if (text === undefined) return undefined
  const [hour = '', minute = '', second = '00'] = text.split(':')
  const [whole = '00', fraction = ''] = second.split('.')
  return `${hour}:${minute}:${whole}.${fraction.padEnd(3, '0')}`
}

/** A duration of fixed length (RFC 3339, appendix A); years and months have none. Kept as written. */
function readDuration(value: unknown): string | undefined {
  return typeof value === 'string' && Number.isFinite(durationMs(value)) ? value : undefined
}

/** Ten thousand years, the range of a duration in CEL. */
const LONGEST_MS = 315_576_000_000_000

function durationMs(text: string): number {
  const match = DURATION.exec(text)
  if (match === null) return Number.NaN
  const [, weeks = '0', days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = match
  const whole = Number(weeks) * 604_800 + Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
  const length = whole * 1_000 + Number(fraction.padEnd(3, '0'))
  return length <= LONGEST_MS ? length : Number.NaN
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function compareNumber(a: number, b: number): number {
  return a - b
}

function compareDurations(a: string, b: string): number {
  return durationMs(a) - durationMs(b)
}

function compareDecimals(a: string, b: string): number {
  const scale = Math.max(fractionDigits(a), fractionDigits(b))
  const difference = scaled(a, scale) - scaled(b, scale)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

function scaled(text: string, scale: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(scale, '0'))
}

/** Digits after the point. */
export function fractionDigits(decimal: string): number {
  return decimal.split('.')[1]?.length ?? 0
}

/** Digits before the point, leading zeros not counted. */
export function wholeDigits(decimal: string): number {
  return (decimal.replace('-', '').split('.')[0] ?? '').replace(/^0+/, '').length
}
