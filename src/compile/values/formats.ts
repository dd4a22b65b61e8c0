/**
 * How a value of each scalar type is written in JSON: one row per type, with its JSON Schema and the reader that turns a JSON value into a
 * value to bind to SQL. Values that PostgreSQL would refuse, reinterpret or accept silently (NUL, `2024-02-30`, `NaN`, `infinity`, 2^63)
 * are refused here.
 */

import { DURATION_PATTERN, durationMs, readDate, readDuration, readTime, readTimestamp } from '../../base/calendar.ts'
import { decimalPattern, nearestDouble, numberDigits, plainDigits } from '../../base/number/decimal.ts'
import { isExactNumber } from '../../base/number/exact-json.ts'
import type { Value } from '../../base/sql/statement.ts'
import { isStorable, isStorableJson, MAX_JSON_DEPTH, readEmail, readUrl, readUuid } from '../../base/text-values.ts'
import { MAX_INTEGER, SCALARS, type ScalarKind } from '../../model/scalar.ts'

/** A JSON Schema (2020-12). */
export type JsonSchema = { readonly [keyword: string]: unknown }

/** How the values of a scalar are read from JSON and from the text of a query parameter. */
export interface Format {
  /** Schema of a value that is sent, before the field's own limits. */
  readonly schema: JsonSchema
  /**
   * The JSON types that a sent value may have. Another type breaks the rule `type`; a wrong value of these types breaks the rule `format`.
   */
  readonly types: readonly ('string' | 'number' | 'boolean' | 'any')[]
  /** What a value must be, for people: `must be …`. */
  readonly sentence: string
  /** The value to bind; undefined when the value is not of this type. */
  readonly read: (value: unknown) => Value | undefined
  /** Converts a text of a query string into a value for `read`. */
  readonly fromText: (text: string) => unknown
  /** What `min` and `max` of the field limit: the length in code points, the value itself, or nothing. */
  readonly limits: 'length' | 'decimal' | ((value: Value) => number | string) | null
}

const DECIMAL = new RegExp(decimalPattern(null))
const INTEGER_TEXT = /^-?\d{1,16}$/
const NUMBER_TEXT = /^-?\d{1,400}(\.\d{1,400})?([eE][+-]?\d{1,4})?$/
const asText = (text: string): unknown => text

/** A whole number up to 2^53 - 1, also written as `1.0` or `1e3`. Undefined if a digit after the point is not zero. */
function readInteger(value: unknown): number | undefined {
  const number = isExactNumber(value) ? Number(plainDigits(value.rawJSON) ?? Number.NaN) : value
  if (!Number.isSafeInteger(number)) return undefined
  return isExactNumber(value) && plainDigits(value.rawJSON)?.includes('.') === true ? undefined : (number as number)
}

/** The double nearest to the sent number. */
function readNumber(value: unknown): number | undefined {
  if (isExactNumber(value)) return nearestDouble(value.rawJSON)
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

const byValue = (value: Value): string => String(value)

/**
 * The schema of any JSON but null. A list of types would mean the same, but code generators make closed types from it: `object` without
 * properties becomes an object type without properties.
 */
export const NOT_NULL = { not: { type: 'null' } } as const

/** The formats of all scalars. */
export const FORMATS = {
  text: {
    schema: SCALARS.text.json,
    types: ['string'],
    sentence: 'must be well-formed text without NUL',
    read: (value) => (typeof value === 'string' && isStorable(value) ? value : undefined),
    fromText: asText,
    limits: 'length',
  },
  email: {
    schema: SCALARS.email.json,
    types: ['string'],
    sentence: 'must be an email address',
    read: (value) => (typeof value === 'string' ? readEmail(value) : undefined),
    fromText: asText,
    limits: 'length',
  },
  url: {
    schema: SCALARS.url.json,
    types: ['string'],
    sentence: 'must be an absolute http or https URL',
    read: (value) => (typeof value === 'string' ? readUrl(value) : undefined),
    fromText: asText,
    limits: 'length',
  },
  uuid: {
    schema: SCALARS.uuid.json,
    types: ['string'],
    sentence: 'must be a UUID',
    read: (value) => (typeof value === 'string' ? readUuid(value) : undefined),
    fromText: asText,
    limits: null,
  },
  integer: {
    schema: SCALARS.integer.json,
    types: ['number'],
    sentence: `must be a whole number from -${MAX_INTEGER} to ${MAX_INTEGER}`,
    read: readInteger,
    fromText: (text) => (INTEGER_TEXT.test(text) ? Number(text) : undefined),
    limits: Number,
  },
  decimal: {
    schema: { ...SCALARS.decimal.json, type: ['string', 'number'] },
    types: ['string', 'number'],
    sentence: 'must be a decimal number such as "12.50"',
    read: (value) => {
      const text = typeof value === 'number' ? numberDigits(value) : isExactNumber(value) ? plainDigits(value.rawJSON) : value
      return typeof text === 'string' && DECIMAL.test(text) ? text : undefined
    },
    fromText: asText,
    limits: 'decimal',
  },
  number: {
    schema: SCALARS.number.json,
    types: ['number'],
    sentence: 'must be a finite number',
    read: readNumber,
    fromText: (text) => (NUMBER_TEXT.test(text) ? nearestDouble(text) : undefined),
    limits: Number,
  },
  boolean: {
    schema: SCALARS.boolean.json,
    types: ['boolean'],
    sentence: 'must be true or false',
    read: (value) => (typeof value === 'boolean' ? value : undefined),
    fromText: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
    limits: null,
  },
  timestamp: {
    schema: SCALARS.timestamp.json,
    types: ['string'],
    sentence: 'must be a date and time with an offset, such as 2030-01-31T12:00:00Z',
    read: (value) => (typeof value === 'string' ? readTimestamp(value) : undefined),
    fromText: asText,
    limits: byValue,
  },
  date: {
    schema: SCALARS.date.json,
    types: ['string'],
    sentence: 'must be a date that exists, such as 2030-01-31',
    read: (value) => (typeof value === 'string' ? readDate(value) : undefined),
    fromText: asText,
    limits: byValue,
  },
  time: {
    // `time` of JSON Schema needs an offset (RFC 3339 full-time); `time-local` is the name that OpenAPI registers for a time without an
    // offset.
    schema: { type: 'string', format: 'time-local', pattern: '^([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,3})?)?$' },
    types: ['string'],
    sentence: 'must be a time of day, such as 18:30 or 18:30:00',
    read: (value) => (typeof value === 'string' ? readTime(value) : undefined),
    fromText: asText,
    limits: byValue,
  },
  duration: {
    // No `format: duration`: durations of RFC 3339 have no fractions of a second, and a computed duration may have one.
    schema: { type: 'string', pattern: DURATION_PATTERN },
    types: ['string'],
    sentence: 'must be an ISO 8601 duration of weeks, days, hours, minutes or seconds, such as P1DT12H',
    read: (value) => (typeof value === 'string' ? readDuration(value) : undefined),
    fromText: asText,
    limits: (value) => durationMs(String(value)) ?? 0,
  },
  encrypted: {
    schema: SCALARS.encrypted.json,
    types: ['string'],
    sentence: 'must be well-formed text without NUL',
    read: (value) => (typeof value === 'string' && isStorable(value) ? value : undefined),
    fromText: asText,
    limits: 'length',
  },
  encryptedEqual: {
    schema: SCALARS.encryptedEqual.json,
    types: ['string'],
    sentence: 'must be well-formed text without NUL',
    read: (value) => (typeof value === 'string' && isStorable(value) ? value : undefined),
    fromText: asText,
    limits: 'length',
  },
  json: {
    schema: { ...SCALARS.json.json, ...NOT_NULL },
    types: ['any'],
    sentence: `must be JSON at most ${MAX_JSON_DEPTH} levels deep, of finite numbers and well-formed text without NUL`,
    read: (value) => (value !== null && isStorableJson(value) ? JSON.stringify(value) : undefined),
    fromText: () => undefined,
    limits: null,
  },
} as const satisfies Record<ScalarKind, Format>

/** The row of a scalar. */
export function formatOf(scalar: ScalarKind): Format {
  return FORMATS[scalar]
}
