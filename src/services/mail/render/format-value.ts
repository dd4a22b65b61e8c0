/** Writes a value for a person, in the form of a language. */

import { unreachable } from '../../../base/unreachable.ts'
import type { ValueType } from '../../../model/expression.ts'
import type { ScalarKind } from '../../../model/scalar.ts'

/**
 * The text of a value as it is in JSON; empty for null. Dates and times have the form of the language, in UTC; numbers have its decimal
 * separator and no separator of thousands, because many numbers are names (`#12345`).
 *
 * @param language a tag of BCP 47; one that is not known has the form of English
 */
export function formatValue(value: unknown, type: ValueType, language: string): string {
  if (value === null || value === undefined) return ''
  if (type.list && Array.isArray(value)) return value.map((item) => formatOne(item, type.scalar, language)).join(', ')
  return formatOne(value, type.scalar, language)
}

function formatOne(value: unknown, scalar: ScalarKind, language: string): string {
  switch (scalar) {
    case 'timestamp':
      return moment(value, language, { ...DAY, hour: 'numeric', minute: '2-digit', timeZoneName: 'short' })
    case 'date':
      return moment(`${value}T00:00:00Z`, language, DAY)
    case 'time':
      return String(value).slice(0, 5)
    case 'integer':
    case 'number':
    case 'decimal':
      return decimal(String(value), language)
    case 'boolean':
    case 'text':
    case 'email':
    case 'url':
    case 'uuid':
    case 'duration':
      return typeof value === 'string' ? value : JSON.stringify(value)
    case 'encrypted':
    case 'encryptedEqual':
    case 'json':
      return JSON.stringify(value)
    default:
      return unreachable(scalar)
  }
}

const DAY = { year: 'numeric', month: 'long', day: 'numeric' } as const

function moment(value: unknown, language: string, options: Intl.DateTimeFormatOptions): string {
  const date = new Date(String(value))
  if (Number.isNaN(date.getTime())) return String(value)
  return new Intl.DateTimeFormat([language, 'en'], { ...options, timeZone: 'UTC' }).format(date)
}

/** The digits as they are, with the decimal separator of the language. */
function decimal(digits: string, language: string): string {
  if (!/^-?\d+\.\d+$/.test(digits)) return digits
  const separator = new Intl.NumberFormat([language, 'en'], { numberingSystem: 'latn' }).formatToParts(0.5)
  return digits.replace('.', separator.find(({ type }) => type === 'decimal')?.value ?? '.')
}
