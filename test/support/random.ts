/** Random choices from a seed. The same seed gives the same choices. */

export interface Random {
  /** A whole number from 0 to below `n`. */
  readonly below: (n: number) => number
  readonly pick: <T>(items: readonly T[]) => T
  readonly chance: (probability: number) => boolean
}

/** Mulberry32: small, fast, and good enough for test cases. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (n: number): number => Math.floor(next() * n)
  return {
    below,
    pick: (items) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    chance: (probability) => next() < probability,
  }
}

/** A new seed for each run, unless `SEED` repeats one. A test that uses it prints it. */
export const RUN_SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))

/** The seed of `SEED`, as an option of fast-check. Without it, each run has another seed, which fast-check prints with a failure. */
export const SEEDED = process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }

/** How many cases a random test has: all of them with `PLINTH_FULL=1`, and a fifth in `npm test`. */
export function shortened(cases: number): number {
  return process.env.PLINTH_FULL === '1' ? cases : Math.ceil(cases / 5)
}
