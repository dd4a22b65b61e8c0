/**
 * Texts as values of other types: exactly the texts that a request may send for the type, with the value that they have there. PostgreSQL's
 * own casts accept more (`tomorrow`, ` 0x1F `, `1_000`).
 */

import { DURATION_PATTERN, LONGEST_DURATION_MS } from '../../base/calendar.ts'
import { decimalPattern } from '../../base/number/decimal.ts'
import { ITEM_FUNCTIONS, SYSTEM_SCHEMA } from '../../model/database.ts'
import { MAX_INTEGER } from '../../model/scalar.ts'
import { quoted, quotedText } from './ddl.ts'

/** A reader of texts in SQL. The arguments are SQL expressions. */
interface TextReader {
  /** A regular expression of PostgreSQL that each text of the type matches. */
  readonly pattern: string
  /** What else must hold for a text that matches; null for nothing. */
  readonly also: ((text: string) => string) | null
  /** The value of such a text. */
  readonly value: (text: string) => string
  /** Whether a list can be converted by one cast once every item matches the pattern. */
  readonly lists: 'by-cast' | 'no'
}

/** The most repetitions in a regular expression of PostgreSQL. */
const MOST_REPETITIONS = 255

/** A pattern of ECMA 262 over digits as one of PostgreSQL, whose `\\d` may stand for digits of other scripts as well. */
function digits(pattern: string): string {
  return pattern.replaceAll(/\\d\{1,(\d+)\}/g, (_, most: string) => oneTo(Number(most))).replaceAll('\\d', '[0-9]')
}

function oneTo(most: number): string {
  if (most <= MOST_REPETITIONS) return `[0-9]{1,${most}}`
  const rest = Array.from(
    { length: Math.ceil(most / MOST_REPETITIONS) - 1 },
    (_, i) => `[0-9]{0,${Math.min(MOST_REPETITIONS, most - (i + 1) * MOST_REPETITIONS)}}`,
  )
  return `[0-9]{1,${MOST_REPETITIONS}}${rest.join('')}`
}

const MONTH_DAYS = '(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8])'
const LEAP_YEAR = '(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)'
/** The days of the proleptic Gregorian calendar, years 0001 to 9999. */
const DAY = `(?!0000)(?:[0-9]{4}-(?:${MONTH_DAYS})|${LEAP_YEAR}-02-29)`
const HOUR_MINUTE = '(?:[01][0-9]|2[0-3]):[0-5][0-9]'
const OFFSET = `[+-]${HOUR_MINUTE}`

/**
 * The least number whose double is infinite, and the greatest one whose double is zero (IEEE 754, round to even). No request may send these
 * numbers or any beyond them.
 */
const INFINITE = String(2n ** 1024n - 2n ** 970n)
const ZERO = '2.47032822920623272088284396434110686182e-324'

/**
 * The time of day and the offset are read apart, because PostgreSQL accepts offsets of less than 16 hours only. Finer digits are cut off.
 */
function timestampOf(text: string): string {
  const fraction = `coalesce(substring(${text} from '[.][0-9]{1,3}'), '')`
  const local = `(left(${text}, 10) || ' ' || substr(${text}, 12, 8) || ${fraction})::timestamp without time zone`
  const offset = `case when ${text} ~ '[Zz]$' then '0'::interval else right(${text}, 6)::interval end`
  return `((${local} - ${offset}) at time zone 'UTC')`
}

/**
 * PostgreSQL reads the seconds as a double, so a value with many digits may lose its last millisecond; adding half a millisecond rounds it.
 * A day is 24 hours: PT36H is stored as one day and twelve hours.
 */
function durationOf(text: string): string {
  return `justify_hours(date_trunc('milliseconds', ${text}::interval + 'PT0.0005S'::interval))`
}

function plain(pattern: string, type: string): TextReader {
  return { pattern: `^(?:${pattern})$`, also: null, value: (text) => `${text}::${type}`, lists: 'by-cast' }
}

/** The readers by the plain name of the type. `numeric` depends on its digits. */
const READERS: Readonly<Record<string, TextReader>> = {
  uuid: plain('[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}', 'uuid'),
  boolean: plain('true|false', 'boolean'),
  date: plain(DAY, 'date'),
  'time without time zone': plain(`${HOUR_MINUTE}(?::[0-5][0-9](?:[.][0-9]{1,3})?)?`, 'time(3) without time zone'),
  bigint: { ...plain('-?[0-9]{1,16}', 'bigint'), also: (text) => `abs(${text}::bigint) <= ${MAX_INTEGER}` },
  'double precision': {
    pattern: digits('^-?\\d{1,400}(?:[.]\\d{1,400})?(?:[eE][+-]?\\d{1,4})?$'),
    also: (text) => `${text}::numeric = 0 or (abs(${text}::numeric) < ${INFINITE} and abs(${text}::numeric) > ${ZERO})`,
    // the sum has no negative zero
    value: (text) => `(${text}::double precision + 0)`,
    lists: 'by-cast',
  },
  'timestamp with time zone': {
    pattern: `^${DAY}[Tt]${HOUR_MINUTE}:[0-5][0-9](?:[.][0-9]{1,9})?(?:[Zz]|${OFFSET})$`,
    also: (text) => `${timestampOf(text)} between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'`,
    value: timestampOf,
    lists: 'no',
  },
  interval: {
    pattern: digits(DURATION_PATTERN),
    also: (text) => `extract(epoch from ${durationOf(text)}) * 1000 <= ${LONGEST_DURATION_MS}`,
    value: durationOf,
    lists: 'no',
  },
}

/** How a text column, or a list of texts, becomes another type: which texts, and with what value. Arguments are SQL expressions. */
export interface FromText {
  /** True for a text that can be converted; null for a missing one. */
  readonly accepts: (text: string) => string
  /** The value; an error for a text that cannot be converted, as one may have been written since the rows were counted. */
  readonly value: (text: string) => string
}

/** The type to convert to: its plain name, the numbers in parentheses, and its spelling with them. */
export interface TargetType {
  readonly name: string
  readonly modifiers: readonly number[]
  readonly spelled: string
}

/** Returns how texts become a type; null when no request writes that type as a text. */
export function fromText(to: TargetType): FromText | null {
  const reader = readerOf(to)
  if (reader === null) return null
  const { pattern, also, value } = reader
  const matches = (text: string) => `${text} ~ ${quotedText(pattern)}`
  const accepts = (text: string) =>
    also === null ? `(${matches(text)})` : `(case when ${matches(text)} then ${also(text)} else ${text} is null end)`
  return { accepts, value: (text) => `(case when ${accepts(text)} then ${value(text)} else ${failing(text, to.spelled)} end)` }
}

/** Returns how lists of texts become lists of a type; null when no single cast does it. */
export function fromTexts(to: TargetType): FromText | null {
  const reader = readerOf(to)
  if (reader === null || reader.lists === 'no') return null
  const type = `${to.spelled}[]`
  const accepts = (texts: string) => `${quoted(SYSTEM_SCHEMA, ITEM_FUNCTIONS.match)}(${texts}, ${quotedText(reader.pattern)})`
  return { accepts, value: (texts) => `(case when ${accepts(texts)} then ${texts}::${type} else ${failing(`${texts}::text`, type)} end)` }
}

function readerOf(to: TargetType): TextReader | null {
  if (to.name !== 'numeric') return READERS[to.name] ?? null
  const [all, scale = 0] = to.modifiers
  const pattern = digits(decimalPattern(all === undefined ? null : { digits: all, scale }))
  return { pattern, also: null, value: (text) => `${text}::${to.spelled}`, lists: 'by-cast' }
}

/** An expression that fails with the text in the message; null for a missing text. */
function failing(text: string, type: string): string {
  return `('not convertible: ' || ${text})::${type}`
}
