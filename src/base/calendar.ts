/**
 * Reads timestamps, dates, times and durations from text. Values that PostgreSQL would reinterpret (`2024-02-30`, `infinity`, a month of
 * unknown length) are refused. Each reader returns the one canonical spelling, or undefined.
 */

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const TIME = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?$/

/** The durations that `readDuration` takes, as a regular expression of ECMA 262. */
export const DURATION_PATTERN =
  '^P(?!$)(?:(\\d{1,7})W|(?:(\\d{1,8})D)?(?:T(?=\\d)(?:(\\d{1,9})H)?(?:(\\d{1,10})M)?(?:(\\d{1,12})(?:\\.(\\d{1,3}))?S)?)?)$'
const DURATION = new RegExp(DURATION_PATTERN)

const FIRST_INSTANT = Date.parse('0001-01-01T00:00:00.000Z')
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z')
/** Ten thousand years in milliseconds, the range of a duration in CEL (google.protobuf.Duration). */
export const LONGEST_DURATION_MS = 315_576_000_000_000

const DAY_MS = 86_400_000

/**
 * Converts an RFC 3339 timestamp with an offset, years 0001 to 9999, to UTC with milliseconds (finer digits are cut off). Leap seconds are
 * refused, because neither JavaScript nor PostgreSQL has them.
 */
export function readTimestamp(text: string): string | undefined {
  const match = TIMESTAMP.exec(text)
  if (match === null) return undefined
  const [, date = '', hour = '', minute = '', second = '', fraction = '', sign, offsetHour = '00', offsetMinute = '00'] = match
  if (readDate(date) === undefined || hour > '23' || minute > '59' || second > '59') return undefined
  if (offsetHour > '23' || offsetMinute > '59') return undefined
  const offset = sign === undefined ? 'Z' : `${sign}${offsetHour}:${offsetMinute}`
  const instant = Date.parse(`${date}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`)
  return instant >= FIRST_INSTANT && instant <= LAST_INSTANT ? new Date(instant).toISOString() : undefined
}

/** A day that exists in the proleptic Gregorian calendar, years 0001 to 9999. */
export function readDate(text: string): string | undefined {
  const match = DATE.exec(text)
  if (match === null) return undefined
  const year = Number(match[1])
  const month = Number(match[2])
  const day = Number(match[3])
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) ? text : undefined
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Converts `HH:MM`, `HH:MM:SS` or `HH:MM:SS.mmm` to the last of these forms. */
export function readTime(text: string): string | undefined {
  const match = TIME.exec(text)
  if (match === null) return undefined
  const [, hour = '', minute = '', second = '00', fraction = ''] = match
  return hour <= '23' && minute <= '59' && second <= '59' ? `${hour}:${minute}:${second}.${fraction.padEnd(3, '0')}` : undefined
}

/**
 * Converts an ISO 8601 duration of fixed length (weeks, or days, hours, minutes and seconds; RFC 3339 appendix A) to `PnDTnHnMn.nS` without
 * zero parts. Years and months have no fixed length and are refused; a day is 24 hours.
 */
export function readDuration(text: string): string | undefined {
  const length = durationMs(text)
  return length === undefined ? undefined : spellDuration(length)
}

/** The length of a duration in milliseconds; undefined for a text that is not a duration, and for a duration beyond ten thousand years. */
export function durationMs(text: string): number | undefined {
  const match = DURATION.exec(text)
  if (match === null) return undefined
  const [, weeks = '0', days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = match
  const whole = Number(weeks) * 604_800 + Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  const length = whole * 1000 + Number(fraction.padEnd(3, '0'))
  return length <= LONGEST_DURATION_MS ? length : undefined
}

function spellDuration(length: number): string {
  if (length === 0) return 'PT0S'
  const part = (value: number, unit: string): string => (value === 0 ? '' : `${value}${unit}`)
  const inDay = length % DAY_MS
  const time =
    part(Math.floor(inDay / 3_600_000), 'H') + part(Math.floor((inDay % 3_600_000) / 60_000), 'M') + part((inDay % 60_000) / 1000, 'S')
  return `P${part(Math.floor(length / DAY_MS), 'D')}${time === '' ? '' : `T${time}`}`
}
