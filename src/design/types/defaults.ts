/** Defaults: whether the author gave a value or an expression, and whether the field would take the value. */

import { codePoints } from '../../base/text-values.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { FieldType, ScalarType } from '../../model/field-type.ts'
import type { FieldDesign } from '../authoring/field-design.ts'
import { compareValues, readValue, VALUES } from '../authoring/values.ts'
import { counted, didYouMean, quote } from '../findings/report.ts'
import { fitsPrecision } from './field-types.ts'

/** What the author wrote under `default`. */
type AuthoredDefault =
  | { readonly kind: 'none' }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'expression'; readonly source: string; readonly key: readonly string[] }

/**
 * Decides whether a default is a value or an expression. `{ expression: … }` is an expression in every field. A text is an expression
 * in a `ref`, in a `timestamp` unless it begins with a digit, and in a `date` or `uuid` if it has a parenthesis. In other fields, a text is
 * a value.
 */
export function authoredDefault(design: FieldDesign): AuthoredDefault {
  if (
    design.type === 'password' ||
    design.type === 'computed' ||
    design.type === 'sequence' ||
    design.type === 'token' ||
    design.type === 'file'
  )
    return { kind: 'none' }
  if (design.default === undefined) return { kind: 'none' }
  const given: unknown = design.default
  if (isExpression(given)) return { kind: 'expression', source: given.expression, key: ['expression'] }
  const isText = typeof given === 'string'
  if (isText && design.type === 'ref') return { kind: 'expression', source: given, key: [] }
  if (isText && design.type === 'timestamp' && !/^\d/.test(given)) return { kind: 'expression', source: given, key: [] }
  if (isText && (design.type === 'date' || design.type === 'uuid') && given.includes('('))
    return { kind: 'expression', source: given, key: [] }
  return { kind: 'value', value: given }
}

function isExpression(value: unknown): value is { readonly expression: string } {
  if (typeof value !== 'object' || value === null) return false
  const keys = Object.keys(value)
  return keys.length === 1 && keys[0] === 'expression' && typeof (value as { expression: unknown }).expression === 'string'
}

type ReadDefault = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string }

/** The value in its canonical spelling, or why the field would refuse it. */
export function readDefault(type: FieldType, value: unknown): ReadDefault {
  switch (type.kind) {
    case 'scalar':
      return readScalar(type, value)
    case 'choice':
      return readChoice(type.values, value)
    case 'list':
      return readList(type, value)
    case 'ref':
    case 'password':
    case 'computed':
    case 'file':
      return { ok: false, problem: `a ${type.kind} has no value as its default` }
    default:
      return unreachable(type)
  }
}

function readScalar(type: ScalarType, value: unknown): ReadDefault {
  const read = readValue(type.scalar, value)
  if (read === undefined) return { ok: false, problem: `expected ${VALUES[type.scalar].says}, found ${JSON.stringify(value)}` }
  const problem = typeof read === 'string' && type.scalar === 'text' ? textProblem(type, read) : rangeProblem(type, read)
  return problem === null ? { ok: true, value: read } : { ok: false, problem }
}

function textProblem(type: ScalarType, text: string): string | null {
  const length = codePoints(text)
  if (typeof type.min === 'number' && length < type.min)
    return `the text has ${counted(length, 'character')}; at least ${type.min} are needed`
  if (typeof type.max === 'number' && length > type.max)
    return `the text has ${counted(length, 'character')}; at most ${type.max} are possible`
  if (type.pattern !== null && !new RegExp(type.pattern, 'u').test(text)) return `${quote(text)} does not match the pattern`
  return null
}

function rangeProblem(type: ScalarType, value: unknown): string | null {
  if (type.scalar === 'email' || type.scalar === 'url') return null
  if (type.precision !== null && !fitsPrecision(String(value), type.precision)) {
    return `${value} does not fit into ${type.precision.digits} digits with ${type.precision.scale} after the point`
  }
  if (type.min !== null && compareValues(type.scalar, value, type.min) < 0) return `${value} is less than min ${type.min}`
  if (type.max !== null && compareValues(type.scalar, value, type.max) > 0) return `${value} is more than max ${type.max}`
  return null
}

function readChoice(values: readonly string[], value: unknown): ReadDefault {
  if (typeof value === 'string' && values.includes(value)) return { ok: true, value }
  const near = typeof value === 'string' ? didYouMean(value, values) : ''
  return {
    ok: false,
    problem: `${JSON.stringify(value)} is not one of the values${near === '' ? ` ${values.map(quote).join(', ')}` : near}`,
  }
}

function readList(type: Extract<FieldType, { kind: 'list' }>, value: unknown): ReadDefault {
  if (!Array.isArray(value)) return { ok: false, problem: `expected a list, found ${JSON.stringify(value)}` }
  if (type.min !== null && value.length < type.min)
    return { ok: false, problem: `the list has ${counted(value.length, 'item')}; at least ${type.min} are needed` }
  if (value.length > type.max)
    return { ok: false, problem: `the list has ${counted(value.length, 'item')}; at most ${type.max} are possible` }
  const items: unknown[] = []
  for (const item of value) {
    const read = readDefault(type.of, item)
    if (!read.ok) return read
    items.push(read.value)
  }
  return { ok: true, value: items }
}
