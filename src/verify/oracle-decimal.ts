/** Division of decimals with as many digits as PostgreSQL's `numeric` gives (its documentation: "at least 16 significant digits"). */

interface Decimal {
  readonly units: bigint
  readonly scale: number
}

const SIGNIFICANT = 16
/** `numeric` counts in groups of four digits. */
const GROUP = 4

/** `a / b`, rounded half away from zero. `b` is not zero. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
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
