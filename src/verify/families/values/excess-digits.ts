/**
 * Numbers with more digits than a field holds, in each notation that JSON has. A backend that rounds one stores another value than was
 * sent. Nothing here is shared with the readers of bodies.
 */

import type { DesignField } from '../../expected/written-design.ts'
import { rawNumber } from '../../requests/raw-number.ts'
import type { LookAlike } from './look-alikes.ts'

/** A value in a list of one, where the field is a list. */
type Placing = (value: unknown) => unknown

/**
 * The numbers of too many digits for a field; none for other types.
 *
 * @param right a value that the field takes: those with too many digits after the point are near it, so that they break no other limit.
 */
export function excessDigits(field: DesignField, right: unknown): readonly LookAlike[] {
  if (field.type === 'list') {
    const [item] = Array.isArray(right) ? right : []
    return field.of === undefined ? [] : ofType(field.of, item, (value) => [value])
  }
  return ofType(field, right, (value) => value)
}

function ofType({ type, precision = 0, scale = 0 }: DesignField, right: unknown, place: Placing): readonly LookAlike[] {
  const number = (text: string): LookAlike => ({ label: `number-${text.slice(0, 40)}`, value: place(rawNumber(text)) })
  const text = (digits: string): LookAlike => ({ label: `text-${digits.slice(0, 40)}`, value: place(digits) })
  switch (type) {
    case 'decimal': {
      const [after, many] = [beyond(right, scale, 1), beyond(right, scale, 24)]
      const before = '9'.repeat(precision - scale + 1)
      return [
        ...[after, many, before, `1${before}`, `${after}e0`, `${before}e0`, `1e${before.length}`].map(text),
        ...[after, many, ...shifted(after), ...shifted(many), before, `1e${before.length}`, `0.1e${before.length + 1}`, ...BEYOND_ALL].map(
          number,
        ),
      ]
    }
    case 'integer':
      return [
        ...[beyond(right, 0, 1), beyond(right, 0, 17), beyond(right, 0, 24)].flatMap((one) => [one, ...shifted(one)]),
        ...['9007199254740992', '-9007199254740992', '9007199254740993', '9007199254740991.5', '9.007199254740993e15', '1e16', '1e22'],
        ...BEYOND_ALL,
      ].map(number)
    case 'number':
      return BEYOND_ALL.map(number)
    default:
      return []
  }
}

const BEYOND_ALL = ['1e400', '-1e400', '1e99999', `1${'0'.repeat(400)}`]

/** A number that differs from another one in a digit after the point that is behind the last one. @param more how far behind */
function beyond(right: unknown, scale: number, more: number): string {
  const [whole = '0', fraction = ''] = String(right ?? 0).split('.')
  return `${whole}.${fraction.slice(0, scale).padEnd(scale + more - 1, '0')}1`
}

/** The same number with an exponent: with no point, with the point in front, and with one digit before it. */
function shifted(digits: string): readonly string[] {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)\.(\d+)$/.exec(digits) ?? []
  const all = `${whole}${fraction}`.replace(/^0+(?=\d)/, '')
  const dropped = whole.length + fraction.length - all.length
  return [
    `${sign}${all}e-${fraction.length}`,
    `${sign}0.${all}E+${Math.max(0, whole.length - dropped)}`,
    `${sign}${all.slice(0, 1)}.${all.slice(1) || '0'}e${all.length - 1 - fraction.length}`,
  ].slice(0, dropped === 0 ? 3 : 1)
}
