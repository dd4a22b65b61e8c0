/** Resolves the type of a field with its limits. The defaults of all limits are here. */

import { unreachable } from '../../base/unreachable.ts'
import type { FieldType, ScalarType } from '../../model/field-type.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import type { FieldDesign, ItemDesign } from '../authoring/field-design.ts'
import { compareValues, fractionDigits, readValue, VALUES, wholeDigits } from '../authoring/values.ts'
import { patternProblem } from '../check/patterns.ts'
import type { Report, ReportPlace } from '../findings/report.ts'
import { quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'

/** Limits of fields whose design gives none. */
export const FIELD_LIMITS = {
  /** Characters of a text without `max`. */
  text: 10_000,
  /** Characters of a text id: it is part of every address and index. */
  textId: 200,
  /** RFC 5321, section 4.5.3.1.3, less the angle brackets. */
  email: 254,
  url: 2_048,
  /** NIST SP 800-63B-4, section 3.1.1.2: 15 where the password is the only factor. */
  passwordMin: 15,
  passwordMax: 256,
  /** Characters of the text that callers have: 16 random bytes and 32 of their HMAC, in base64url. */
  token: 64,
  listItems: 100,
} as const

/** All types except references, computed fields and files, which need other entities, expressions or addresses. */
type PlainFieldDesign = Exclude<FieldDesign, { readonly type: 'ref' | 'computed' | 'sequence' | 'token' | 'file' }>
type ScalarDesign = Exclude<ItemDesign, { readonly type: 'choice' }> | { readonly type: 'json' }
type PlainFieldType = Exclude<FieldType, { readonly kind: 'ref' | 'computed' | 'file' }>

/** The type of a field. Limits that contradict one another are reported and left out. */
export function fieldType(design: PlainFieldDesign, at: Path, report: Report): PlainFieldType {
  switch (design.type) {
    case 'choice':
      return choiceType(design, at, report)
    case 'list': {
      const range = countRange({ min: design.min ?? null, max: design.max ?? FIELD_LIMITS.listItems }, at, report)
      return { kind: 'list', of: itemType(design.of, [...at, 'of'], report), ...range }
    }
    case 'password': {
      const range = countRange({ min: design.min ?? FIELD_LIMITS.passwordMin, max: design.max ?? FIELD_LIMITS.passwordMax }, at, report)
      return { kind: 'password', min: range.min ?? 1, max: range.max, pattern: checkedPattern(design.pattern, range.max, { at, report }) }
    }
    default:
      return scalarType(design, at, report)
  }
}

function itemType(
  design: ItemDesign,
  at: Path,
  report: Report,
): ScalarType | { readonly kind: 'choice'; readonly values: readonly string[] } {
  return design.type === 'choice' ? choiceType(design, at, report) : scalarType(design, at, report)
}

function choiceType(
  design: { readonly values: readonly string[] },
  at: Path,
  report: Report,
): { readonly kind: 'choice'; readonly values: readonly string[] } {
  design.values.forEach((value, i) => {
    if (design.values.indexOf(value) < i) report.add('PLN-D213', [...at, 'values', i], `the value ${quote(value)} is there already`)
  })
  return { kind: 'choice', values: [...new Set(design.values)] }
}

function scalarType(design: ScalarDesign, at: Path, report: Report): ScalarType {
  const plain = { kind: 'scalar', scalar: design.type, min: null, max: null, pattern: null, precision: null } as const
  switch (design.type) {
    case 'text':
      return {
        ...plain,
        ...countRange({ min: design.min ?? null, max: design.max ?? FIELD_LIMITS.text }, at, report),
        pattern: checkedPattern(design.pattern, design.max ?? FIELD_LIMITS.text, { at, report }),
        ...('empty' in design && design.empty === null ? { emptyIsNull: true } : {}),
      }
    case 'email':
      return { ...plain, max: FIELD_LIMITS.email }
    case 'url':
      return { ...plain, max: FIELD_LIMITS.url }
    case 'decimal':
      return decimalType(design, at, report)
    case 'integer':
    case 'number':
    case 'timestamp':
    case 'date':
    case 'time':
    case 'duration':
      return { ...plain, ...valueRange(design.type, design, { at, report }) }
    case 'uuid':
    case 'boolean':
    case 'json':
      return plain
    default:
      return unreachable(design)
  }
}

function decimalType(design: Extract<ScalarDesign, { type: 'decimal' }>, at: Path, report: Report): ScalarType {
  const { precision: digits, scale } = design
  if (scale > digits)
    report.add(
      'PLN-D210',
      [...at, 'scale'],
      `scale ${scale} is more than precision ${digits}`,
      'precision counts all digits, scale those after the point',
    )
  const precision = { digits, scale: Math.min(scale, digits) }
  const range = valueRange('decimal', design, { at, report })
  for (const end of ['min', 'max'] as const) {
    const value = range[end]
    if (value !== null && !fitsPrecision(String(value), precision)) {
      report.add('PLN-D210', [...at, end], `${value} does not fit into ${digits} digits with ${precision.scale} after the point`)
    }
  }
  return { kind: 'scalar', scalar: 'decimal', ...range, pattern: null, precision }
}

/** Whether a decimal can be stored without rounding. */
export function fitsPrecision(value: string, precision: { readonly digits: number; readonly scale: number }): boolean {
  return fractionDigits(value) <= precision.scale && wholeDigits(value) <= precision.digits - precision.scale
}

function countRange<Min extends number | null>(range: { min: Min; max: number }, at: Path, report: Report): { min: Min; max: number } {
  if (range.min === null || range.min <= range.max) return range
  report.add('PLN-D210', [...at, 'min'], `min ${range.min} is more than max ${range.max}`)
  return { min: range.min, max: range.min }
}

function valueRange(
  scalar: ScalarKind,
  design: { readonly min?: unknown; readonly max?: unknown },
  { at, report }: ReportPlace,
): { min: number | string | null; max: number | string | null } {
  const read = (end: 'min' | 'max'): number | string | null => {
    if (design[end] === undefined) return null
    const value = readValue(scalar, design[end])
    if (typeof value === 'number' || typeof value === 'string') return value
    report.add('PLN-D210', [...at, end], `expected ${VALUES[scalar].says}, found ${JSON.stringify(design[end])}`)
    return null
  }
  const range = { min: read('min'), max: read('max') }
  if (range.min === null || range.max === null || compareValues(scalar, range.min, range.max) <= 0) return range
  report.add('PLN-D210', [...at, 'min'], `min ${design.min} is more than max ${design.max}`)
  return { min: null, max: null }
}

function checkedPattern(pattern: string | undefined, longest: number, { at, report }: ReportPlace): string | null {
  if (pattern === undefined) return null
  const problem = patternProblem(pattern, longest)
  if (problem === null) return pattern
  report.add('PLN-D211', [...at, 'pattern'], problem)
  return null
}
