/** The form in which values are stored and answered. */

import type { FieldType } from '../../model/field-type.ts'
import { formatDecimal, parseDecimal } from '../oracle/oracle-decimal.ts'
import { durationText } from '../oracle/oracle-duration.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'

const SECONDS: Readonly<Record<string, number>> = { W: 604_800, D: 86_400, H: 3_600, M: 60, S: 1 }

/** A value of a request as an answer shows it: decimals with all their digits, times with seconds, addresses of mails in lower case. */
export function canonical(type: FieldType, value: PlainValue): PlainValue {
  if (type.kind === 'list' && Array.isArray(value)) return value.map((item: PlainValue) => canonical(type.of, item))
  if (type.kind !== 'scalar' || value === null || typeof value === 'object') return value
  if (type.scalar === 'decimal') return withScale(String(value), type.precision?.scale ?? 0)
  if (type.scalar === 'email' || type.scalar === 'uuid') return String(value).toLowerCase()
  if (type.scalar === 'timestamp') return new Date(String(value)).toISOString()
  if (type.scalar === 'time') return timeText(String(value))
  return type.scalar === 'duration' ? durationText(secondsOf(String(value))) : value
}

/** `09:30:00.5`: seconds are always there, and fractions of them without zeros at the end. */
function timeText(text: string): string {
  const [hours = '00', minutes = '00', seconds = '00'] = text.split(':')
  const [whole = '00', fraction = ''] = seconds.split('.')
  const digits = fraction.replace(/0+$/, '')
  return `${hours}:${minutes}:${whole}${digits === '' ? '' : `.${digits}`}`
}

function withScale(text: string, scale: number): string {
  const { units, scale: own } = parseDecimal(text)
  return own > scale ? text : formatDecimal({ units: units * 10n ** BigInt(scale - own), scale })
}

/** The length of a duration in seconds. */
export function secondsOf(text: string): number {
  const parts = [...text.matchAll(/([\d.]+)([WDHMS])/g)]
  const size = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (SECONDS[unit ?? ''] ?? 0), 0)
  return text.startsWith('-') ? -size : size
}
