/** Quantiles of the normal distribution and of Student's t distribution. */

/** Degrees of freedom for which the expansion is not exact enough. */
const SMALL = 3

/**
 * The quantile of the normal distribution.
 *
 * @param share between 0 and 1. The error is below 1e-9 (a start by Abramowitz and Stegun 26.2.23, then Newton's method).
 */
export function normalQuantile(share: number): number {
  if (share < 0.5) return -normalQuantile(1 - share)
  const t = Math.sqrt(-2 * Math.log(1 - share))
  let z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
  for (let i = 0; i < 3; i++) z -= (normalShare(z) - share) / (Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI))
  return z
}

/** The share of the normal distribution below a value, as a power series; for values up to about 6. */
function normalShare(z: number): number {
  let term = z
  let sum = z
  for (let k = 1; k < 200 && Math.abs(term) > 1e-17 * Math.abs(sum); k++) {
    term *= z ** 2 / (2 * k + 1)
    sum += term
  }
  return 0.5 + sum * (Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI))
}

/**
 * The quantile of Student's t distribution: in closed form for 1 and 2 degrees of freedom, else by the expansion of Abramowitz and Stegun
 * 26.7.5, whose error is below 1 % for 3 degrees of freedom and 97.5 %, and falls quickly.
 *
 * @param share between 0.5 and 1.
 * @param freedom degrees of freedom; fewer than 1 count as 1.
 */
export function studentQuantile(share: number, freedom: number): number {
  if (freedom < 2) return Math.tan(Math.PI * (share - 0.5))
  if (freedom < SMALL) return (2 * share - 1) / Math.sqrt(2 * share * (1 - share))
  const z = normalQuantile(share)
  const first = (z ** 3 + z) / 4
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384
  const fourth = (79 * z ** 9 + 776 * z ** 7 + 1_482 * z ** 5 - 1_920 * z ** 3 - 945 * z) / 92_160
  return z + first / freedom + second / freedom ** 2 + third / freedom ** 3 + fourth / freedom ** 4
}
