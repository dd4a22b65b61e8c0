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

/** A number in the notation of JSON, CEL and GraphQL. */
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/

/** The most digits before or after the point. No double has more. */
const MOST_PLACES = 400

/**
 * The plain digits of a number in the notation of JSON, CEL and GraphQL: `1.50e3` is `1500`, `-0.0` is `0`. There are no zeros at the ends.
 * Undefined when the text is not a number, or has more than 400 digits before or after the point.
 */
export function plainDigits(text: string): string | undefined {
  const match = NUMBER.exec(text)
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const digits = `${whole}${fraction}`
  const point = whole.length + Number(exponent)
  const before = point <= 0 ? '0' : digits.slice(0, point).padEnd(Math.min(point, 2 * MOST_PLACES), '0')
  const after = point >= 0 ? digits.slice(point) : `${'0'.repeat(Math.min(-point, 2 * MOST_PLACES))}${digits}`
  const wholePart = before.replace(/^0+(?=.)/, '')
  const fractionPart = trimZeros(after)
  if (/^0*$/.test(digits)) return '0'
  if (wholePart.length > MOST_PLACES || fractionPart.length > MOST_PLACES) return undefined
  return `${sign}${wholePart}${fractionPart === '' ? '' : `.${fractionPart}`}`
}

/** Removes the zeros at the end. It uses a loop, because a regular expression would take quadratic time. */
function trimZeros(digits: string): string {
  let end = digits.length
  while (end > 0 && digits[end - 1] === '0') end--
  return digits.slice(0, end)
}

/**
 * The double nearest to a number in the notation of JSON, CEL and GraphQL. Undefined beyond the largest double, and for a number other than
 * zero that would become zero.
 */
export function nearestDouble(text: string): number | undefined {
  const value = Number(text)
  if (!NUMBER.test(text) || !Number.isFinite(value)) return undefined
  if (value === 0) return isZero(text) ? 0 : undefined
  return value
}

/**
 * Whether a double keeps every digit of a JSON number: whole numbers up to 2^53 - 1, others up to 15 significant digits (the digits that
 * a double is sure to keep, DBL_DIG of C). `value` is the text as a double.
 */
export function isExactInDouble(text: string, value: number): boolean {
  if (text.length <= 15 && !/[eE]/.test(text)) return true
  if (Number.isSafeInteger(value) && /^-?\d+$/.test(text)) return true
  if (!Number.isFinite(value) || (value === 0 && !isZero(text))) return false
  return significantDigits(text) <= 15
}

function isZero(text: string): boolean {
  return /^-?[0.]*(?:[eE]|$)/.test(text)
}

function significantDigits(text: string): number {
  const [mantissa = ''] = text.split(/[eE]/, 1)
  return trimZeros(mantissa.replace('-', '').replace('.', '').replace(/^0+/, '')).length
}

/**
 * The plain digits of a JSON number: `1e3` is `1000`. Undefined when it is not finite, and when it has more than 15 significant digits and
 * is not a safe integer: such a double may differ from the number that the client wrote, and only a text is exact.
 */
export function numberDigits(value: number): string | undefined {
  const text = String(value)
  return Number.isFinite(value) && isExactInDouble(text, value) ? plainDigits(text) : undefined
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
