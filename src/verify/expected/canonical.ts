/** The form in which values are stored and answered. */

import type { FieldType } from '../../model/field-type.ts'
import { formatDecimal, parseDecimal } from '../oracle/oracle-decimal.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'

const SECONDS: Readonly<Record<string, number>> = { D: 86_400, H: 3_600, M: 60, S: 1 }

/** A value of a request as an answer shows it: decimals with all their digits, addresses of mails in lower case. */
export function canonical(type: FieldType, value: PlainValue): PlainValue {
  if (type.kind !== 'scalar' || value === null || typeof value === 'object') return value
  if (type.scalar === 'decimal') return withScale(String(value), type.precision?.scale ?? 0)
  if (type.scalar === 'email' || type.scalar === 'uuid') return String(value).toLowerCase()
  if (type.scalar === 'timestamp') return new Date(String(value)).toISOString()
  return type.scalar === 'duration' ? durationText(secondsOf(String(value))) : value
}

function withScale(text: string, scale: number): string {
  const { units, scale: own } = parseDecimal(text)
  return own > scale ? text : formatDecimal({ units: units * 10n ** BigInt(scale - own), scale })
}

function secondsOf(text: string): number {
  const parts = [...text.matchAll(/([\d.]+)([DHMS])/g)]
  const size = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (SECONDS[unit ?? ''] ?? 0), 0)
  return text.startsWith('-') ? -size : size
}

/** Seconds as ISO 8601 writes them: `P1DT2H`. */
export function durationText(seconds: number): string {
  const size = Math.abs(seconds)
  const part = (value: number, unit: string): string => (value === 0 ? '' : `${value}${unit}`)
  const rest = Math.round((size % 60) * 1e6) / 1e6
  const time = [part(Math.floor(size / 3600) % 24, 'H'), part(Math.floor(size / 60) % 60, 'M'), part(rest, 'S')].join('')
  const days = part(Math.floor(size / 86_400), 'D')
  return `${seconds < 0 ? '-' : ''}P${days}${time === '' ? (days === '' ? 'T0S' : '') : `T${time}`}`
}
