/**
 * Values and operations of the oracle. They follow the documentation of expressions, work on JavaScript values and are independent of SQL.
 * Only operators that differ from CEL's own are here. A missing value throws `Missing`, which CEL treats like any other error.
 */

import { unreachable } from '../../base/unreachable.ts'
import { isEncrypted, type ScalarKind } from '../../model/scalar.ts'
import { DURATION_YEARS, NUMBER_EXPONENT } from '../../model/terms/arithmetic.ts'
import { calculateDecimals, type Decimal, formatDecimal, orderDecimals, parseDecimal } from './oracle-decimal.ts'

/** A value as JSON has it, or null where it is missing. */
export type PlainValue = string | number | boolean | null | readonly PlainValue[]

/** Thrown where a calculation has no value. The evaluator treats it as unknown. */
export class Missing extends Error {}

/** A value of a kind that CEL does not have: its text and its kind. */
export class Tagged {
  readonly scalar: 'uuid' | 'date' | 'time' | 'decimal'
  readonly text: string
  constructor(scalar: Tagged['scalar'], text: string) {
    this.scalar = scalar
    this.text = normal(scalar, text)
  }
}

/** A constant with a fraction. With a decimal it is exact; with any other number it is a double. */
export class Constant {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** A length of time, in milliseconds. */
export class Span {
  readonly ms: number
  constructor(ms: number) {
    this.ms = ms
  }
}

/** A row as the evaluator sees it. In comparisons it stands for its id. */
export type RowValue = Readonly<Record<string, unknown>>

function normal(scalar: Tagged['scalar'], text: string): string {
  if (scalar === 'uuid') return text.toLowerCase()
  if (scalar !== 'time') return text
  const [hours = '00', minutes = '00', seconds = '00'] = text.split(':')
  const [whole = '00', fraction = ''] = seconds.split('.')
  return `${hours}:${minutes}:${whole}.${fraction.padEnd(3, '0')}`
}

/** A JSON value of a scalar type as the evaluator takes it. */
export function celValue(scalar: ScalarKind, value: Exclude<PlainValue, null>): unknown {
  if (scalar === 'json' || isEncrypted(scalar)) return value
  if (typeof value === 'object') return value.map((item) => (item === null ? null : celValue(scalar, item)))
  switch (scalar) {
    case 'uuid':
    case 'date':
    case 'time':
    case 'decimal':
      return new Tagged(scalar, String(value))
    case 'integer':
      return BigInt(value)
    case 'timestamp':
      return new Date(String(value))
    case 'duration':
      return new Span(spanOf(String(value)))
    case 'text':
    case 'email':
    case 'url':
    case 'number':
    case 'boolean':
      return value
    default:
      return unreachable(scalar)
  }
}

const DAY = 86_400_000
const UNITS: Readonly<Record<string, number>> = { Y: 360 * DAY, M: 30 * DAY, W: 7 * DAY, D: DAY }
const CLOCK: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000 }

/** ISO 8601, with months of 30 days, as PostgreSQL compares intervals. */
function spanOf(text: string): number {
  const [date = '', clock = ''] = text.replace(/^[+-]?P/, '').split('T')
  let ms = 0
  for (const [, amount = '0', unit = ''] of date.matchAll(/([+-]?[\d.]+)([YMWD])/g)) ms += Number(amount) * (UNITS[unit] ?? 0)
  for (const [, amount = '0', unit = ''] of clock.matchAll(/([+-]?[\d.]+)([HMS])/g)) ms += Number(amount) * (CLOCK[unit] ?? 0)
  return text.startsWith('-') ? -ms : ms
}

/** `a == b`. */
export function equal(a: unknown, b: unknown): boolean {
  return order(a, b) === 0
}

/** Negative, zero or positive as `a` comes before, with or after `b`. */
export function order(a: unknown, b: unknown): number {
  const [x, y] = [comparand(a, b), comparand(b, a)]
  if (x instanceof Tagged || y instanceof Tagged) return orderTagged(x, y)
  if (x instanceof Span && y instanceof Span) return x.ms - y.ms
  if (x instanceof Date && y instanceof Date) return x.getTime() - y.getTime()
  if (typeof x === 'string' && typeof y === 'string') return Buffer.compare(Buffer.from(x), Buffer.from(y))
  if (typeof x === 'boolean' && typeof y === 'boolean') return Number(x) - Number(y)
  if (isNumber(x) && isNumber(y)) return x < y ? -1 : x > y ? 1 : 0
  throw new TypeError(`cannot compare ${describe(x)} with ${describe(y)}`)
}

/** With a double, a constant is a double; with any other value it is exact. */
function comparand(value: unknown, beside: unknown): unknown {
  if (value instanceof Constant)
    return typeof beside === 'number' || beside instanceof Constant ? Number(value.text) : new Tagged('decimal', value.text)
  return typeof value === 'object' && value?.constructor === Object ? (value as RowValue).id : value
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

function describe(value: unknown): string {
  return value instanceof Tagged ? value.scalar : typeof value
}

function orderTagged(x: unknown, y: unknown): number {
  const scalar = x instanceof Tagged ? x.scalar : (y as Tagged).scalar
  if (scalar === 'decimal') {
    if (typeof x === 'number' && !Number.isInteger(x) && Math.abs(x) < 1e-300) return 0 - Math.sign(Number(decimalText(y)))
    return orderDecimals(decimalOf(x), decimalOf(y))
  }
  const text = (value: unknown): string => (value instanceof Tagged ? value.text : new Tagged(scalar, String(value)).text)
  return Buffer.compare(Buffer.from(text(x)), Buffer.from(text(y)))
}

/** `x in list`, for a list that a row holds. */
export function isIn(x: unknown, list: unknown): boolean {
  if (!Array.isArray(list)) throw new TypeError('in needs a list')
  return list.some((item) => equal(x, item))
}

function decimalText(value: unknown): string {
  return value instanceof Tagged || value instanceof Constant ? value.text : String(value)
}

function decimalOf(value: unknown): Decimal {
  return parseDecimal(decimalText(value))
}

function decimal(value: Decimal): Tagged {
  return new Tagged('decimal', formatDecimal(value))
}

/** An operand of a calculation. Beyond the bounds of arithmetic it counts as missing. */
export function calculable(value: unknown): unknown {
  if (typeof value === 'number' && value !== 0 && !(Math.abs(value) >= 10 ** -NUMBER_EXPONENT && Math.abs(value) <= 10 ** NUMBER_EXPONENT))
    throw new Missing()
  if (value instanceof Span && Math.abs(value.ms) > DURATION_YEARS * 360 * DAY) throw new Missing()
  return value
}

/** `+ - * / %`: whole numbers and decimals exactly, doubles as doubles, times with times. Division by zero is missing. */
export function calculate(op: string, a: unknown, b: unknown): unknown {
  if (typeof a === 'string' && typeof b === 'string') return a + b
  if (a instanceof Date || b instanceof Date || a instanceof Span) return calculateTime(op, a, b)
  if (typeof a === 'bigint' && typeof b === 'bigint') return calculateWhole(op, a, b)
  if ((a instanceof Tagged || b instanceof Tagged) && typeof a !== 'number' && typeof b !== 'number')
    return decimal(calculateDecimals(op, decimalOf(a), decimalOf(b)) ?? missing())
  return calculateDouble(op, Number(decimalText(a)), Number(decimalText(b)))
}

function missing(): never {
  throw new Missing()
}

function calculateTime(op: string, a: unknown, b: unknown): unknown {
  const sign = op === '-' ? -1 : 1
  const ms = (value: unknown): number => (value instanceof Date ? value.getTime() : (value as Span).ms)
  const sum = ms(a) + sign * ms(b)
  if (a instanceof Date && b instanceof Date) return new Span(sum)
  return a instanceof Date || b instanceof Date ? new Date(sum) : new Span(sum)
}

function calculateWhole(op: string, a: bigint, b: bigint): bigint {
  switch (op) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
    case '%':
      if (b === 0n) throw new Missing()
      return op === '/' ? a / b : a % b
    default:
      throw new TypeError(`${op} between whole numbers`)
  }
}

function calculateDouble(op: string, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      if (b === 0) throw new Missing()
      return a / b
    default:
      throw new TypeError(`${op} between doubles`)
  }
}

/** Unary minus. */
export function negate(value: unknown): unknown {
  if (value instanceof Constant) return new Constant(value.text.startsWith('-') ? value.text.slice(1) : `-${value.text}`)
  if (value instanceof Tagged) return decimal({ ...decimalOf(value), units: -decimalOf(value).units })
  return typeof value === 'bigint' ? -value : -toDouble(value)
}

/** `int(x)`: the digits before the point. */
export function toInt(value: unknown): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' || value instanceof Constant) return BigInt(Math.trunc(toDouble(value)))
  const { units, scale } = decimalOf(value)
  return units / 10n ** BigInt(scale)
}

/** `double(x)`. */
export function toDouble(value: unknown): number {
  return Number(decimalText(value))
}

/** `string(x)`. */
export function toText(value: unknown): string {
  return value instanceof Tagged ? value.text : String(value)
}

const SPACES = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'

/** `x.trim()`: without the white space of Unicode at both ends. */
export function trim(text: string): string {
  return text.replace(new RegExp(`^${SPACES}+`, 'u'), '').replace(new RegExp(`${SPACES}+$`, 'u'), '')
}

/** `x.lowerAscii()` and `x.upperAscii()`. */
export function changeCase(text: string, to: 'lower' | 'upper'): string {
  return to === 'lower'
    ? text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
    : text.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase())
}

/**
 * `x.matches(pattern)`, by whole characters where the pattern allows it. The flag `v` comes first: with `u`, V8 (Node 26) looks for a
 * pattern that ends in `$` from the end, and there takes half of a character beyond the basic plane for a whole one.
 */
export function matches(text: string, pattern: string): boolean {
  for (const flag of ['v', 'u']) {
    try {
      return new RegExp(pattern, flag).test(text)
    } catch {
      // The pattern is invalid with this flag.
    }
  }
  return new RegExp(pattern).test(text)
}

/** Parts of times, in UTC, counted as CEL does: months, days of the month and of the year from 0, Sunday as 0. */
export function timePart(name: string, value: unknown): bigint {
  return BigInt(
    value instanceof Span ? Math.trunc(value.ms / (SPAN_PARTS[name] ?? Number.NaN)) : (DATE_PARTS[name] ?? unknownPart)(value as Date),
  )
}

function unknownPart(): never {
  throw new TypeError('no such part of a time')
}

const SPAN_PARTS: Readonly<Record<string, number>> = { getHours: 3_600_000, getMinutes: 60_000, getSeconds: 1_000, getMilliseconds: 1 }

/** The date of a moment in UTC. */
export function dayOf(value: unknown): Tagged {
  if (!(value instanceof Date)) throw new TypeError('only a moment has a date')
  return new Tagged('date', value.toISOString().slice(0, 10))
}

const DATE_PARTS: Readonly<Record<string, (at: Date) => number>> = {
  getFullYear: (at) => at.getUTCFullYear(),
  getMonth: (at) => at.getUTCMonth(),
  getDayOfMonth: (at) => at.getUTCDate() - 1,
  getDayOfWeek: (at) => at.getUTCDay(),
  getDayOfYear: (at) => Math.floor((at.getTime() - new Date(at).setUTCMonth(0, 1)) / DAY),
  getHours: (at) => at.getUTCHours(),
  getMinutes: (at) => at.getUTCMinutes(),
  getSeconds: (at) => at.getUTCSeconds(),
  getMilliseconds: (at) => at.getUTCMilliseconds(),
}
