/** Converts constants of an expression to the type that their place needs, checks their form, and finds whole numbers out of range. */

import type { ASTNode } from '@marcbachmann/cel-js'
import { nearestDouble, plainDigits } from '../../base/number/decimal.ts'
import { suggest } from '../../base/suggest.ts'
import { unreachable } from '../../base/unreachable.ts'
import { type ArithmeticName, isArithmetic, listType, scalarType, type Term, type ValueType } from '../../model/expression.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import { MAX_INTEGER, SCALARS } from '../../model/scalar.ts'
import type { ConstantValue, ExpressionContext, RealConstant } from './context.ts'
import { fail } from './context.ts'

/** The type of the value that a constant stands beside; with `choices`, the constant must be one of them. */
export interface Target {
  readonly type: ValueType
  readonly choices: readonly string[] | null
}

/** The kinds that hold characters and that text functions work on. */
export function isText(scalar: ScalarKind): boolean {
  return scalar === 'text' || scalar === 'email' || scalar === 'url'
}

/** The kinds that arithmetic works on. */
export function isNumber(scalar: ScalarKind): boolean {
  return scalar === 'integer' || scalar === 'decimal' || scalar === 'number'
}

/** A type in the words of the design language. */
export function describe(type: ValueType): string {
  return type.list ? `list of ${type.scalar}` : type.scalar
}

/** The type of a constant without a value beside it. */
export function ownType(value: ConstantValue): ValueType {
  switch (typeof value) {
    case 'string':
      return scalarType('text')
    case 'bigint':
      return scalarType('integer')
    case 'boolean':
      return scalarType('boolean')
    case 'object':
      return scalarType('number')
    default:
      return unreachable(value)
  }
}

/** A constant as a term of the type of the value beside it; null, with a problem, when it cannot have that type. */
export function constantTerm(context: ExpressionContext, node: ASTNode, value: ConstantValue, target: Target): Term | null {
  const converted = typeof value === 'string' ? convertText(context, node, value, target) : convertPlain(context, node, value, target)
  return converted === null ? null : { kind: 'literal', type: converted.type, value: converted.value }
}

/** A duration as answers write it, small enough for PostgreSQL. */
const DURATION = /^P(?=\d|T\d)(\d{1,9}D)?(T(?=\d)(\d{1,9}H)?(\d{1,9}M)?(\d{1,9}(\.\d{1,6})?S)?)?$/

/** A text of an earlier answer as a value of another type that answers write as a text; null when it is not one. */
export function answeredTerm(text: string, scalar: ScalarKind): Term | null {
  const decimal = scalar === 'decimal' && /^-?\d{1,1000}(\.\d{1,1000})?$/.test(text) ? text : null
  const duration = scalar === 'duration' && DURATION.test(text) ? text : null
  const value = scalar === 'timestamp' ? parseTimestamp(text) : (decimal ?? duration)
  return value === null ? null : { kind: 'literal', type: scalarType(scalar), value }
}

interface Converted {
  readonly type: ValueType
  readonly value: string | number | boolean
}

function convertText(context: ExpressionContext, node: ASTNode, value: string, target: Target): Converted | null {
  if (!isStorable(context, node, value)) return null
  const { scalar } = target.type
  if (isText(scalar)) {
    if (target.choices !== null && !target.choices.includes(value)) {
      const near = suggest(value, target.choices)
      const hint =
        near === undefined
          ? `it is one of ${target.choices.map((c) => JSON.stringify(c)).join(', ')}`
          : `did you mean ${JSON.stringify(near)}?`
      fail(context, node, 'PLN-D305', `${JSON.stringify(value)} is not one of the choices`, hint)
      return null
    }
    return { type: scalarType('text'), value }
  }
  if (scalar === 'timestamp' || scalar === 'duration') {
    const example = scalar === 'timestamp' ? '2024-01-31T09:30:00Z' : '1h30m'
    fail(context, node, 'PLN-D303', `a text stands where a ${scalar} is needed`, `write ${scalar}("${example}")`)
    return null
  }
  const form = FORMS[scalar]
  if (form === undefined) {
    fail(context, node, 'PLN-D303', `a text stands where ${article(describe(target.type))} is needed`)
    return null
  }
  if (!form.valid(value)) {
    fail(context, node, 'PLN-D306', `${JSON.stringify(value)} is not a ${scalar}`, `write it like "${form.example}"`)
    return null
  }
  return { type: scalarType(scalar), value: scalar === 'uuid' ? value.toLowerCase() : value }
}

/** Whether PostgreSQL can store the text. No stored value equals a text with NUL or half of a surrogate pair. */
function isStorable(context: ExpressionContext, node: ASTNode, value: string): boolean {
  if ([...value].length > context.limits.text) {
    fail(context, node, 'PLN-D309', `a text constant of more than ${context.limits.text} characters`)
    return false
  }
  if (value.includes('\u0000') || !value.isWellFormed()) {
    fail(context, node, 'PLN-D306', 'a text constant holds a character that cannot be stored')
    return false
  }
  return true
}

const FORMS: { readonly [K in ScalarKind]?: { readonly example: string; readonly valid: (text: string) => boolean } } = {
  uuid: {
    example: '0190f6e0-1c2a-7000-8000-000000000000',
    valid: (text) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text),
  },
  date: { example: '2024-01-31', valid: isDate },
  time: { example: '09:30:00', valid: (text) => /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?$/.test(text) },
}

function convertPlain(context: ExpressionContext, node: ASTNode, value: Exclude<ConstantValue, string>, target: Target): Converted | null {
  const { scalar } = target.type
  if (typeof value === 'boolean') {
    if (scalar === 'boolean') return { type: scalarType('boolean'), value }
  } else if (isNumber(scalar)) {
    return convertNumber(context, node, value, scalar)
  }
  const kind = typeof value === 'boolean' ? 'a boolean' : 'a number'
  const hint =
    (scalar === 'duration' && 'write duration("90s")') || (scalar === 'timestamp' && 'write timestamp("2024-01-31T09:30:00Z")') || undefined
  fail(context, node, 'PLN-D303', `${kind} stands where ${article(describe(target.type))} is needed`, hint)
  return null
}

/**
 * A number beside an integer or a decimal becomes an exact decimal, with the digits that are written. Beside a double it becomes the
 * nearest double.
 */
function convertNumber(context: ExpressionContext, node: ASTNode, value: bigint | RealConstant, scalar: ScalarKind): Converted | null {
  const text = typeof value === 'bigint' ? String(value) : value.digits
  const double = nearestDouble(text)
  if (double === undefined) {
    fail(context, node, 'PLN-D306', `${text} is beyond the numbers that can be compared`, 'a number has a size between 5e-324 and 1.8e308')
    return null
  }
  if (scalar === 'number') return { type: scalarType('number'), value: double }
  const digits = plainDigits(text) ?? text
  if (scalar === 'decimal') return { type: scalarType('decimal'), value: digits }
  if (!digits.includes('.') && Number.isSafeInteger(double)) return { type: scalarType('integer'), value: double }
  if (typeof value === 'object') return { type: scalarType('decimal'), value: digits }
  fail(context, node, 'PLN-D306', `${value} is not a whole number between -${MAX_INTEGER} and ${MAX_INTEGER}`)
  return null
}

/** `timestamp("…")`: RFC 3339 with an offset and at most milliseconds, as ISO 8601 UTC; null when it is not one. */
export function parseTimestamp(text: string): string | null {
  const parts = /^(\d{4}-\d{2}-\d{2})T(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?)(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/.exec(text)
  if (parts === null || !isDate(parts[1] ?? '')) return null
  const at = new Date(text)
  const year = at.getUTCFullYear()
  return Number.isNaN(at.getTime()) || year < 1 || year > 9999 ? null : at.toISOString()
}

const UNITS: Readonly<Record<string, bigint>> = { h: 3_600_000_000n, m: 60_000_000n, s: 1_000_000n, ms: 1_000n, us: 1n }
/** 1,000 years of 365.25 days, in microseconds. */
const LONGEST = 31_557_600_000n * 1_000_000n

/**
 * `duration("1h30m")`: CEL's form, in hours, minutes, seconds, ms and us, as ISO 8601 seconds; null when it is not one or over 1,000 years.
 */
export function parseDuration(text: string): string | null {
  const parts = /^([+-]?)((?:\d+(?:\.\d+)?(?:h|ms|us|m|s))+)$/.exec(text)
  if (parts === null || text.length > 60) return null
  let micros = 0n
  for (const [, whole = '0', fraction = '', unit = ''] of (parts[2] ?? '').matchAll(/(\d+)(?:\.(\d+))?(h|ms|us|m|s)/g)) {
    const size = UNITS[unit] ?? 0n
    const scaled = fraction === '' ? 0n : BigInt(fraction) * size
    const divisor = 10n ** BigInt(fraction.length)
    if (scaled % divisor !== 0n) return null
    micros += BigInt(whole) * size + scaled / divisor
  }
  if (micros > LONGEST) return null
  const seconds = micros / 1_000_000n
  const rest = micros % 1_000_000n
  const sign = parts[1] === '-' && micros !== 0n ? '-' : ''
  return `PT${sign}${seconds}${rest === 0n ? '' : `.${String(rest).padStart(6, '0').replace(/0+$/, '')}`}S`
}

function isDate(text: string): boolean {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (parts === null) return false
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])]
  const at = new Date(0)
  at.setUTCFullYear(year, month - 1, day)
  return year >= 1 && at.getUTCMonth() === month - 1 && at.getUTCDate() === day
}

/** Whether values of the two types may be compared, at most after a cast. */
export function comparable(a: ValueType, b: ValueType): boolean {
  if (a.list || b.list || !SCALARS[a.scalar].comparable || !SCALARS[b.scalar].comparable) return false
  if (a.scalar === b.scalar) return true
  if (isNumber(a.scalar)) return isNumber(b.scalar)
  const textual = (scalar: ScalarKind): boolean => isText(scalar) || scalar === 'uuid'
  return textual(a.scalar) && textual(b.scalar)
}

/** A list as one literal when all items are constants of the type, else as a list of terms. */
export function listTerm(items: readonly Term[], scalar: ScalarKind): Term {
  const values: (string | number | boolean)[] = []
  for (const item of items)
    if (item.kind === 'literal' && item.type.scalar === scalar && !Array.isArray(item.value))
      values.push(item.value as string | number | boolean)
  const type = listType(scalar)
  return values.length === items.length ? { kind: 'literal', type, value: values } : { kind: 'list', type, of: items }
}

/** A word with the article that fits it. */
export function article(word: string): string {
  return `${/^[aeiou]/.test(word) && !/^uu?id|^url/.test(word) ? 'an' : 'a'} ${word}`
}

/** The first integer out of range that is the constant value of the term or of one of its branches; null when there is none. */
export function wholeOutOfRange(term: Term): bigint | null {
  if (term.kind === 'if') return wholeOutOfRange(term.yes) ?? wholeOutOfRange(term.no)
  const value = term.type.scalar === 'integer' && !term.type.list ? wholeOf(term) : null
  return value === null || (value <= BigInt(MAX_INTEGER) && value >= -BigInt(MAX_INTEGER)) ? null : value
}

/** The value of a calculation with constants only; null when it depends on a row, the caller or the clock, and when it is missing. */
function wholeOf(term: Term): bigint | null {
  if (term.kind === 'literal') return typeof term.value === 'number' && Number.isFinite(term.value) ? BigInt(Math.trunc(term.value)) : null
  if (term.kind !== 'call') return null
  const [a, b] = term.args.map((arg) => (term.name === 'int' || arg.type.scalar === 'integer' ? wholeOf(arg) : null))
  if (a === null || a === undefined) return null
  if (term.name === 'int') return a
  if (term.name === 'negate') return -a
  return b === null || b === undefined || !isArithmetic(term.name) ? null : calculated(term.name, a, b)
}

function calculated(name: ArithmeticName, a: bigint, b: bigint): bigint | null {
  switch (name) {
    case 'add':
      return a + b
    case 'subtract':
      return a - b
    case 'multiply':
      return a * b
    case 'divide':
      return b === 0n ? null : a / b
    case 'modulo':
      return b === 0n ? null : a % b
    default:
      return unreachable(name)
  }
}
