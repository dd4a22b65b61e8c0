/** Random numbers from a seed, so that a load can be repeated: uniform, exponential, and ranks by Zipf's law. */

/** Gives numbers of 0 to below 1. */
export type Random = () => number

/** A generator whose numbers depend on the seed alone: a Weyl sequence with the finalizer of MurmurHash3. */
export function randomOf(seed: number): Random {
  let state = Math.imul(seed | 0, 0x9e3779b1) ^ 0x85ebca6b
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
}

/** A gap between independent arrivals. @param mean in the unit of the result. */
export function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random()) * mean
}

/** A number of the normal distribution with mean 0 and variance 1 (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** How much more often low ranks are chosen: rank r (from 1) with a weight of 1 ÷ r^0.99. */
const ZIPF_EXPONENT = 0.99

/**
 * Chooses ranks of 0 to below `count` by Zipf's law, with the inverse of its distribution as Gray et al. give it (Quickly Generating
 * Billion-Record Synthetic Databases, 1994).
 */
export function zipf(random: Random, count: number): () => number {
  const theta = ZIPF_EXPONENT
  const zeta = zetaOf(count, theta)
  const alpha = 1 / (1 - theta)
  const eta = (1 - (2 / count) ** (1 - theta)) / (1 - zetaOf(2, theta) / zeta)
  return () => {
    const u = random()
    const scaled = u * zeta
    if (count < 2 || scaled < 1) return 0
    if (scaled < 1 + 0.5 ** theta) return 1
    return Math.min(count - 1, Math.floor(count * (eta * u - eta + 1) ** alpha))
  }
}

function zetaOf(count: number, theta: number): number {
  let sum = 0
  for (let i = 1; i <= count; i++) sum += 1 / i ** theta
  return sum
}
