/**
 * Other spellings of a value, which the reference of the language makes equal to it: letter case of addresses, zeros and exponents of
 * numbers, offsets of moments. Nothing here is shared with the readers of bodies.
 */

import type { FieldType } from '../../../model/field-type.ts'
import { secondsOf } from '../../expected/canonical.ts'
import type { PlainValue } from '../../oracle/oracle-values.ts'
import { rawNumber } from '../../requests/raw-number.ts'

/** A value as it is sent, which means the same as another one. */
export interface Spelling {
  readonly label: string
  readonly value: unknown
  /** Whether it may also be refused: no document says that it is taken. If it is, it means the same all the same. */
  readonly mayFail?: true
}

const HOUR_MS = 3_600_000

/** The other spellings of a value in its stored form; none for types of which each value has one spelling. */
export function respelled(type: FieldType, value: PlainValue): readonly Spelling[] {
  if (value === null || typeof value === 'object') return []
  const text = String(value)
  const scalar = type.kind === 'ref' || type.kind === 'scalar' ? type.scalar : null
  const inObject: readonly Spelling[] = type.kind === 'ref' ? [{ label: 'in-an-object', value: { id: value } }] : []
  switch (scalar) {
    case 'email':
      return [spelling('mixed-case', mixed(text))]
    case 'uuid':
      return [spelling('upper-case', text.toUpperCase()), ...inObject]
    case 'decimal':
      return [spelling('short', short(text)), ...numbers(text)]
    case 'number':
      return numbers(text)
    case 'integer':
      return type.kind === 'ref' ? inObject : numbers(text).map((one) => ({ ...one, mayFail: true }) as const)
    case 'timestamp':
      return [
        ...[-5.5, 2, 14].map((hours) => spelling(`offset-${hours}`, withOffset(text, hours))),
        ...(text.endsWith('.000Z') ? [spelling('without-fraction', text.replace('.000Z', 'Z'))] : []),
        { ...spelling('more-digits', text.replace('Z', '000Z')), mayFail: true },
        { ...spelling('lower-case', text.toLowerCase()), mayFail: true },
      ]
    case 'time':
      return [
        ...(/^\d\d:\d\d:00$/.test(text) ? [spelling('without-seconds', text.slice(0, 5))] : []),
        { ...spelling('zeros', text.includes('.') ? text.padEnd(12, '0') : `${text}.000`), mayFail: true },
      ]
    case 'duration':
      return [
        spelling('seconds', `PT${secondsOf(text)}S`),
        ...(secondsOf(text) % 60 === 0 ? [spelling('minutes', `PT${secondsOf(text) / 60}M`)] : []),
      ]
    default:
      return inObject
  }
}

function spelling(label: string, value: unknown): Spelling {
  return { label, value }
}

function mixed(text: string): string {
  return [...text].map((letter, i) => (i % 2 === 0 ? letter.toUpperCase() : letter)).join('')
}

/** Digits without zeros at the end. */
function short(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits
}

/** The number with zeros at its end, without a point and with an exponent. */
function numbers(text: string): readonly Spelling[] {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === '' || whole.length + fraction.length > 12) return []
  const all = `${whole}${fraction}`.replace(/^0+(?=\d)/, '')
  return [
    spelling('number', rawNumber(short(text))),
    // In a document of GraphQL, a decimal has the digits that are written.
    { ...spelling('zeros', rawNumber(`${sign}${whole}.${fraction}00`)), mayFail: true },
    spelling('exponent', rawNumber(`${sign}${all}e-${fraction.length}`)),
    ...(all === '0' ? [] : [spelling('zeros-and-exponent', rawNumber(`${sign}${all}00E-${fraction.length + 2}`))]),
  ]
}

/** The same moment with the time of another place. */
function withOffset(text: string, hours: number): string {
  const there = new Date(Date.parse(text) + hours * HOUR_MS).toISOString()
  const [whole, minutes] = [Math.trunc(Math.abs(hours)), (Math.abs(hours) % 1) * 60]
  return there.replace('Z', `${hours < 0 ? '-' : '+'}${String(whole).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`)
}

/** Texts that are stored as they are, for a field that takes any text of some characters. */
export const AS_THEY_ARE = [' aB é ', 'e\u0301\ufb01\u017f\u00df', 'İı😀\u200b\u00a0', 'a\tb\nc\r\n', '0012', '1e3', 'null'] as const
