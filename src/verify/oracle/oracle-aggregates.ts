/** The functions of expressions that make one value of a value of each row. */

import * as values from './oracle-values.ts'

/**
 * `sum`, `avg`, `min` and `max` of a list without missing values. A value that is out of the bounds of calculations is left out. Without
 * values, the sum is 0 and the others are missing.
 */
export function aggregate(name: string, list: readonly unknown[]): unknown {
  const items = list.filter(isCalculable)
  if (name === 'sum') return items.reduce((sum, item) => values.calculate('+', sum, item), zeroOf(items))
  const [first, ...rest] = items
  if (first === undefined) throw new values.Missing()
  if (name === 'avg') return average(items)
  const sign = name === 'min' ? 1 : -1
  return rest.reduce((best, item) => (sign * values.order(item, best) < 0 ? item : best), first)
}

function isCalculable(value: unknown): boolean {
  try {
    values.calculable(value)
    return true
  } catch (error) {
    if (error instanceof values.Missing) return false
    throw error
  }
}

function zeroOf(items: readonly unknown[]): unknown {
  return items[0] instanceof values.Span ? new values.Span(0) : 0n
}

/** The mean of whole numbers is a double, that of decimals a decimal. */
function average(items: readonly unknown[]): unknown {
  const sum = items.reduce((total, item) => values.calculate('+', total, item), 0n)
  return typeof sum === 'bigint' ? Number(sum) / items.length : values.calculate('/', sum, BigInt(items.length))
}

/** The year and month of a day, or of a moment in UTC. */
export function monthOf(value: unknown): string {
  return (value instanceof Date ? value.toISOString() : values.toText(value)).slice(0, 7)
}

/** The letters and digits of ASCII, after accents are removed, with `-` in place of everything between them. */
export function slugify(text: string): string {
  const plain = text.normalize('NFKD').replaceAll(/[\u0300-\u036f]/g, '')
  const words = values.changeCase(plain, 'lower').match(/[a-z0-9]+/g)
  return (words ?? []).join('-')
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1, us: 0.001 }

/** `duration("1h30m")`: the length of time of a constant, in the notation of CEL. */
export function spanOfConstant(text: string): values.Span {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|m|s)/g)]
  const ms = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ''] ?? 0), 0)
  return new values.Span(text.startsWith('-') ? -ms : ms)
}
