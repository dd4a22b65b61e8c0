/** Turns values of a request into values that are bound to SQL, refusing everything that a field does not allow. */

import type { FieldProblem } from '../../base/failure.ts'
import type { Rule } from '../../base/failures/rules.ts'
import { isObject } from '../../base/is-object.ts'
import { memo } from '../../base/memo.ts'
import { compareDecimals, decimalPattern } from '../../base/number/decimal.ts'
import { isExactNumber } from '../../base/number/exact-json.ts'
import { patternMessage } from '../../base/pattern/pattern-message.ts'
import type { Value } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { FieldType, ScalarType } from '../../model/field-type.ts'
import { storedScalar } from '../../model/model.ts'
import { boundTicket } from './file-tickets.ts'
import { type Format, formatOf } from './formats.ts'

/** The value to bind (lists as array literals), or the problems; pointers are relative to the value. */
export type Encoded = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly problems: readonly FieldProblem[] }

type Encoder = (value: unknown) => Encoded

/**
 * Checks a JSON value against a field's type and limits, and gives the value to bind. Null is never valid here, because the type does not
 * say whether the field is optional. Problems never repeat the value, which may be a password.
 *
 * @throws Error for a computed field, which cannot be written (a defect of the calling code).
 */
export function encodeJson(type: FieldType, value: unknown): Encoded {
  const encoded = encoderFor(type)(value)
  return encoded.ok || (value !== '' && value !== null) ? encoded : { ok: false, problems: encoded.problems.map(emptied) }
}

/**
 * Reads the text of a query parameter as a value to compare with the field, or with an item of a list. The field's own limits do not apply
 * (`price > 1000000` is a sensible question about a price of at most 1000), except that a choice must be one of its values.
 */
export function encodeText(type: FieldType, text: string): Encoded {
  const item = type.kind === 'list' ? type.of : type
  if (item.kind === 'choice') return encodeJson(item, text)
  const format = formatOf(storedScalar(item))
  const value = format.read(format.fromText(text))
  return value === undefined ? refused('format', format.sentence) : { ok: true, value }
}

/**
 * The literal of a one-dimensional PostgreSQL array (documentation 8.15.2): every item quoted, so that nothing in it is read as syntax.
 * Null items are spelled NULL.
 */
export function arrayLiteral(values: readonly Value[]): string {
  const items = values.map((value) => (value === null ? 'NULL' : `"${String(value).replace(/["\\]/g, '\\$&')}"`))
  return `{${items.join(',')}}`
}

/** The items of an array literal that `arrayLiteral` wrote of texts. */
export function arrayItems(literal: string): readonly string[] {
  return [...literal.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, item = '']) => item.replaceAll(/\\(.)/gs, '$1'))
}

function refused(rule: Rule, message: string, limit?: number): Encoded {
  const problem = { pointer: '', rule, message }
  return { ok: false, problems: [limit === undefined ? problem : { ...problem, limit }] }
}

/** The problem of a value that is an empty text or null. */
function emptied(problem: FieldProblem): FieldProblem {
  return { ...problem, empty: true }
}

const encoderFor = memo(encoderOf)

function encoderOf(type: FieldType): Encoder {
  switch (type.kind) {
    case 'scalar':
      return scalarEncoder(type)
    case 'choice': {
      const known = new Set<unknown>(type.values)
      const message = `must be one of ${type.values.map((v) => JSON.stringify(v)).join(', ')}`
      return (value) => {
        if (known.has(value)) return { ok: true, value: value as string }
        return typeof value === 'string' ? refused('enum', message) : refused('type', 'must be a text')
      }
    }
    case 'password':
      return scalarEncoder({ kind: 'scalar', scalar: 'text', min: type.min, max: type.max, pattern: type.pattern, precision: null })
    case 'ref':
      return refEncoder(formatOf(type.scalar))
    case 'list':
      return listEncoder(type)
    case 'file':
      return (value) => {
        const ticket = boundTicket(value)
        if (ticket !== undefined) return { ok: true, value: ticket }
        return typeof value === 'string' ? refused('format', NO_TICKET) : refused('type', value === null ? 'must not be null' : NO_TICKET)
      }
    case 'computed':
      throw new Error('a computed field is not written')
    default:
      return unreachable(type)
  }
}

const NO_TICKET = 'must be the ticket of an upload; a file is sent to its own address, or as a part of multipart/form-data'

function scalarEncoder(type: ScalarType): Encoder {
  const format = formatOf(type.scalar)
  const limits = limitsOf(type, format)
  return (value) => {
    if (value === '' && type.emptyIsNull === true) return { ok: true, value: null }
    const read = format.read(value)
    if (read === undefined) return wrongValue(format, value)
    let problems: FieldProblem[] | undefined
    for (const limit of limits) {
      if (limit.holds(read)) continue
      const message = typeof limit.message === 'string' ? limit.message : limit.message(String(read))
      const problem = { pointer: '', rule: limit.rule, message }
      problems = [...(problems ?? []), limit.limit === undefined ? problem : { ...problem, limit: limit.limit }]
      // A text that is too long is not matched against a pattern, so that the limit bounds the work.
      if (limit.rule === 'maxLength') break
    }
    return problems === undefined ? { ok: true, value: read } : { ok: false, problems }
  }
}

const TYPE_SENTENCES: Readonly<Record<string, string>> = { string: 'a text', number: 'a number', boolean: 'true or false' }

function wrongValue(format: Format, value: unknown): Encoded {
  const type = isExactNumber(value) ? 'number' : typeof value
  const expected = format.types.find((t) => t === 'any' || t === type)
  if (expected !== undefined) return refused('format', format.sentence)
  return refused('type', value === null ? 'must not be null' : `must be ${format.types.map((t) => TYPE_SENTENCES[t]).join(' or ')}`)
}

function refEncoder(format: Format): Encoder {
  return (value) => {
    const id = isObject(value) ? onlyId(value) : value
    const read = format.read(id)
    if (read !== undefined) return { ok: true, value: read }
    if (value === null) return refused('type', 'must not be null')
    return refused(
      isObject(id) || Array.isArray(id) ? 'type' : 'format',
      `must be an id (it ${format.sentence}) or an object with "id" alone`,
    )
  }
}

function onlyId(value: object): unknown {
  const keys = Object.keys(value)
  return keys.length === 1 && keys[0] === 'id' ? (value as { id: unknown }).id : value
}

function listEncoder(type: FieldType & { kind: 'list' }): Encoder {
  const { min, max, of } = type
  return (value) => {
    if (!Array.isArray(value)) return refused('type', value === null ? 'must not be null' : 'must be a list')
    if (value.length > max) return refused('maxItems', `must have at most ${max} ${max === 1 ? 'item' : 'items'}`, max)
    if (min !== null && value.length < min) return refused('minItems', `must have at least ${min} ${min === 1 ? 'item' : 'items'}`, min)
    const items: Value[] = []
    const problems: FieldProblem[] = []
    for (const [index, item] of value.entries()) {
      const encoded = encodeJson(of, item)
      if (encoded.ok) items.push(encoded.value)
      else if (problems.length < 100) problems.push(...encoded.problems.map((p) => ({ ...p, pointer: `/${index}${p.pointer}` })))
    }
    return problems.length === 0 ? { ok: true, value: arrayLiteral(items) } : { ok: false, problems }
  }
}

interface Limit {
  readonly rule: Rule
  readonly message: string | ((text: string) => string)
  /** Its value, if it is one. */
  readonly limit?: number | string
  readonly holds: (value: Value) => boolean
}

function limitsOf(type: ScalarType, format: Format): readonly Limit[] {
  const limits: Limit[] = []
  const { min, max, precision } = type
  if (type.scalar === 'decimal' && precision !== null) limits.push(precisionLimit(precision))
  if (format.limits === 'length') {
    if (max !== null)
      limits.push({
        rule: 'maxLength',
        message: `must be at most ${counted(max)}`,
        limit: max,
        holds: (v) => !longerThan(String(v), Number(max)),
      })
    if (min !== null) {
      limits.push({
        rule: 'minLength',
        message: `must be at least ${counted(min)}`,
        limit: min,
        holds: (v) => longerThan(String(v), Number(min) - 1),
      })
    }
  } else if (format.limits !== null) {
    const compare = comparison(format.limits)
    if (min !== null) {
      const least = bound(format, min)
      limits.push({ rule: 'minimum', message: `must be at least ${min}`, limit: min, holds: (v) => compare(v, least) >= 0 })
    }
    if (max !== null) {
      const most = bound(format, max)
      limits.push({ rule: 'maximum', message: `must be at most ${max}`, limit: max, holds: (v) => compare(v, most) <= 0 })
    }
  }
  if (type.pattern !== null) {
    const { pattern } = type
    const matcher = new RegExp(pattern, 'u')
    limits.push({ rule: 'pattern', message: (text) => patternMessage(pattern, text), holds: (v) => matcher.test(String(v)) })
  }
  return limits
}

function precisionLimit(precision: { readonly digits: number; readonly scale: number }): Limit {
  const pattern = new RegExp(decimalPattern(precision))
  const message = `must have at most ${precision.digits - precision.scale} digits before and ${precision.scale} after the point`
  return { rule: 'precision', message, holds: (value) => pattern.test(String(value)) }
}

function comparison(limits: Exclude<Format['limits'], 'length' | null>): (a: Value, b: Value) => number {
  if (limits === 'decimal') return (a, b) => compareDecimals(String(a), String(b))
  return (a, b) => {
    const left = limits(a)
    const right = limits(b)
    return left < right ? -1 : left > right ? 1 : 0
  }
}

/**
 * A limit of the design in the canonical form that values have.
 *
 * @throws Error when it is not a value of the type (resolution has checked it).
 */
function bound(format: Format, limit: number | string): Value {
  const read = format.read(limit)
  if (read === undefined) throw new Error(`limit ${limit} ${format.sentence}`)
  return read
}

function counted(length: number | string): string {
  return `${length} ${Number(length) === 1 ? 'character' : 'characters'}`
}

/** Compares the number of code points, counting only when the UTF-16 length does not decide. */
function longerThan(text: string, limit: number): boolean {
  if (text.length <= limit) return false
  if (text.length > 2 * limit) return true
  let count = 0
  for (const _ of text) {
    count++
    if (count > limit) return true
  }
  return false
}
