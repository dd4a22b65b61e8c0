/** Ratios of paired measurements, with confidence intervals. */

/** A ratio and its 95 % confidence interval. */
export interface Ratio {
  readonly ratio: number
  readonly low: number
  readonly high: number
}

/** Both values of one round; above 0. */
export interface Pair {
  readonly this: number
  readonly other: number
}

/**
 * The geometric mean of `this` ÷ `other` over the rounds. The interval is Student's t interval of the mean of the logarithms. It takes the
 * rounds as independent and the logarithms as normally distributed. Null for fewer than two pairs, which give no interval.
 */
export function ratioOf(pairs: readonly Pair[]): Ratio | null {
  if (pairs.length < 2) return null
  const logs = pairs.map((pair) => Math.log(pair.this / pair.other))
  const mean = meanOf(logs)
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1)
  const reach = studentQuantile(logs.length - 1) * Math.sqrt(variance / logs.length)
  return { ratio: Math.exp(mean), low: Math.exp(mean - reach), high: Math.exp(mean + reach) }
}

/** The geometric mean of values above 0. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(meanOf(values.map(Math.log)))
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The 97.5 % quantile of the normal distribution. */
const NORMAL = 1.959964
/** The 97.5 % quantiles of Student's t distribution for 1 to 10 degrees of freedom. */
const STUDENT = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281] as const

/**
 * The 97.5 % quantile of Student's t distribution: from the table up to 10 degrees of freedom, and above by the expansion of Abramowitz and
 * Stegun, Handbook of Mathematical Functions, 26.7.5, whose error there is below 0.0002.
 *
 * @param freedom degrees of freedom, from 1 on.
 */
export function studentQuantile(freedom: number): number {
  const known = STUDENT[freedom - 1]
  if (known !== undefined) return known
  const z = NORMAL
  const first = (z ** 3 + z) / 4
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384
  return z + first / freedom + second / freedom ** 2 + third / freedom ** 3
}
