/** Decimal numbers, calculated exactly, and divided with as many digits as PostgreSQL's `numeric` gives. */

/** The number `units` / 10^`scale`. `scale` is the number of digits after the point, zeros at the end included. */
export interface Decimal {
  readonly units: bigint
  readonly scale: number
}

/** Reads `-12.50` or `1e-7`. */
export function parseDecimal(text: string): Decimal {
  const [mantissa = '0', exponent = '0'] = text.toLowerCase().split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const units = BigInt(`${whole}${fraction}`)
  const scale = fraction.length - Number(exponent)
  return scale < 0 ? { units: units * 10n ** BigInt(-scale), scale: 0 } : { units, scale }
}

/** Writes a number with all `scale` digits after the point. */
export function formatDecimal({ units, scale }: Decimal): string {
  const digits = String(absolute(units)).padStart(scale + 1, '0')
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  return units < 0n ? `-${text}` : text
}

/** Compares two numbers: -1 if `a` is smaller than `b`, 0 if they are equal, 1 if `a` is larger. */
export function orderDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale)
  const difference = rescale(a, scale) - rescale(b, scale)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** `+ - * /`; null for division by zero. */
export function calculateDecimals(op: string, a: Decimal, b: Decimal): Decimal | null {
  const scale = Math.max(a.scale, b.scale)
  switch (op) {
    case '+':
      return { units: rescale(a, scale) + rescale(b, scale), scale }
    case '-':
      return { units: rescale(a, scale) - rescale(b, scale), scale }
    case '*':
      return { units: a.units * b.units, scale: a.scale + b.scale }
    case '/':
      return b.units === 0n ? null : divideDecimals(a, b)
    default:
      throw new TypeError(`${op} between decimals`)
  }
}

function rescale(value: Decimal, scale: number): bigint {
  return value.units * 10n ** BigInt(scale - value.scale)
}

const SIGNIFICANT = 16
/** `numeric` counts in groups of four digits. */
const GROUP = 4

/** `a / b`, rounded half away from zero; the documentation of `numeric` promises "at least 16 significant digits". `b` is not zero. */
function divideDecimals(a: Decimal, b: Decimal): Decimal {
  const [x, y] = [leading(a), leading(b)]
  const weight = x.weight - y.weight - (x.digits <= y.digits ? 1 : 0)
  const scale = Math.max(SIGNIFICANT - weight * GROUP, a.scale, b.scale, 0)
  const [dividend, divisor] = [a.units * 10n ** BigInt(scale + b.scale), b.units * 10n ** BigInt(a.scale)]
  const [size, by] = [absolute(dividend), absolute(divisor)]
  const rounded = (2n * size + by) / (2n * by)
  return { units: dividend < 0n === divisor < 0n ? rounded : -rounded, scale }
}

/** The first group of four digits that is not zero, and its place: 0 for units, 1 for ten thousands, -1 after the point. */
function leading({ units, scale }: Decimal): { readonly weight: number; readonly digits: number } {
  if (units === 0n) return { weight: 0, digits: 0 }
  const text = String(absolute(units))
  const magnitude = text.length - scale
  const weight = Math.ceil(magnitude / GROUP) - 1
  return { weight, digits: Number(text.padEnd(8, '0').slice(0, magnitude - weight * GROUP)) }
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}
