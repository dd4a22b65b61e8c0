/** Percentiles of latencies, with the failed requests in them, and intervals for them. */

import { type Random, randomOf } from './random.ts'

/** Latencies of one measurement, in the order of the times at which the requests were due. */
export interface Latencies {
  /** When each request was due, in milliseconds since the measurement began; ascending. */
  readonly due: Float64Array
  /** Milliseconds from the due time to the end of the answer; infinite for a request that failed. */
  readonly ms: Float64Array
}

/** A percentile with its interval, in milliseconds. Null: the request at this place failed. */
export interface Percentile {
  readonly ms: number | null
  readonly low: number | null
  readonly high: number | null
}

/** Requests that are close in time depend on one another, so whole blocks of this length are drawn. */
const BLOCK_MS = 250
const DRAWS = 200
/** The part of the draws on each side of an interval of 95 %. */
const TAIL = 0.025

/**
 * The lowest latency that at least this share of all does not exceed.
 *
 * @param sorted ascending; not empty.
 * @param share above 0, up to 1.
 */
export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.POSITIVE_INFINITY
}

/**
 * Percentiles with intervals of 95 % by a bootstrap of blocks of 250 ms. Without a request, all are null.
 *
 * @param shares such as 0.99.
 */
export function percentilesOf(latencies: Latencies, shares: readonly number[], seed = 1): readonly Percentile[] {
  if (latencies.ms.length === 0) return shares.map(() => ({ ms: null, low: null, high: null }))
  const sorted = latencies.ms.toSorted()
  const draws = drawBlocks(latencies, shares, randomOf(seed))
  return shares.map((share, i) => {
    const own = (draws[i] ?? new Float64Array()).toSorted()
    return { ms: finite(quantile(sorted, share)), low: finite(quantile(own, TAIL)), high: finite(quantile(own, 1 - TAIL)) }
  })
}

/** The percentiles of samples that are put together from random blocks; for each share, one value a draw. */
function drawBlocks(latencies: Latencies, shares: readonly number[], random: Random): readonly Float64Array[] {
  const blocks = blocksOf(latencies)
  // Ranks in place of latencies: a sample is then a count of each rank, and needs no sorting.
  const order = Uint32Array.from(latencies.ms.keys()).sort((a, b) => (latencies.ms[a] ?? 0) - (latencies.ms[b] ?? 0) || a - b)
  const blockOf = new Uint32Array(latencies.ms.length)
  for (const [block, [from, to]] of blocks.entries()) blockOf.fill(block, from, to)
  const found = shares.map(() => new Float64Array(DRAWS))
  for (let draw = 0; draw < DRAWS; draw++) {
    const times = new Uint32Array(blocks.length)
    let size = 0
    for (let i = 0; i < blocks.length; i++) {
      const block = Math.floor(random() * blocks.length)
      const [from, to] = blocks[block] ?? [0, 0]
      times[block] = (times[block] ?? 0) + 1
      size += to - from
    }
    const wanted = shares.map((share) => Math.max(1, Math.ceil(share * size)))
    let seen = 0
    let last = 0
    for (const at of order) {
      const count = times[blockOf[at] ?? 0] ?? 0
      if (count === 0) continue
      const before = seen
      seen += count
      last = latencies.ms[at] ?? 0
      wanted.forEach((place, i) => {
        if (place > before && place <= seen) (found[i] as Float64Array)[draw] = last
      })
    }
  }
  return found
}

/** Where each block begins and ends. Blocks without a request are left out. */
function blocksOf({ due }: Latencies): readonly (readonly [number, number])[] {
  const blocks: (readonly [number, number])[] = []
  let from = 0
  for (let i = 1; i <= due.length; i++) {
    const isEnd = i === due.length || Math.floor((due[i] ?? 0) / BLOCK_MS) !== Math.floor((due[from] ?? 0) / BLOCK_MS)
    if (!isEnd) continue
    blocks.push([from, i])
    from = i
  }
  return blocks
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
