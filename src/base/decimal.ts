/** Exact decimals as text: a `decimal` never passes through a double on its way to PostgreSQL. */

/** Digits allowed where the field itself sets no precision (a filter on a computed value). */
const MOST_DIGITS = 100

interface Precision {
  readonly digits: number
  readonly scale: number
}

/** The regular expression (ECMA 262) of the texts that a `decimal(digits, scale)` holds exactly. */
export function decimalPattern(precision: Precision | null): string {
  const whole = precision === null ? MOST_DIGITS : precision.digits - precision.scale
  const scale = precision === null ? MOST_DIGITS : precision.scale
  return `^-?${whole > 0 ? `\\d{1,${whole}}` : '0'}${scale > 0 ? `(\\.\\d{1,${scale}})?` : ''}$`
}

/**
 * The plain digits of a JSON number, `1e3` as `1000`; undefined when it is not finite or has more than 15 significant digits: then the
 * double may already differ from what the client wrote, and only a text says it exactly.
 */
export function numberDigits(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined
  const [mantissa = '', exponent = '0'] = String(Math.abs(value)).split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const digits = `${whole}${fraction}`
  if (digits.replace(/^0+/, '').replace(/0+$/, '').length > 15) return undefined
  const point = whole.length + Number(exponent)
  const padded = point <= 0 ? `${'0'.repeat(1 - point)}${digits}` : digits.padEnd(point, '0')
  const at = Math.max(point, 1)
  const text = at < padded.length ? `${padded.slice(0, at)}.${padded.slice(at)}` : padded
  return value < 0 ? `-${text}` : text
}

/** Negative, zero or positive as the first decimal is smaller than, equal to or greater than the second. Both are plain digits. */
export function compareDecimals(a: string, b: string): number {
  const scale = Math.max(fractionOf(a).length, fractionOf(b).length)
  const difference = scaled(a, scale) - scaled(b, scale)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

function fractionOf(text: string): string {
  return text.split('.')[1] ?? ''
}

function scaled(text: string, scale: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(`${whole}${fraction.padEnd(scale, '0')}`)
}
