/** Estimates that single outliers do not move: a trimmed mean with an interval, and a slope. */

import { randomOf } from './random.ts'
import { normalQuantile, studentQuantile } from './student.ts'

/** A value with its interval. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** The part of the values that is cut at each end. */
const TRIM = 0.2
const DRAWS = 1_000

/** The mean without the lowest and highest fifth. @param values not empty. */
export function trimmedMean(values: readonly number[]): number {
  const cut = Math.floor(values.length * TRIM)
  const kept = values.toSorted((a, b) => a - b).slice(cut, values.length - cut)
  return kept.reduce((sum, value) => sum + value, 0) / kept.length
}

/**
 * The trimmed mean with a bootstrap interval. The interval is widened by the ratio of Student's to the normal quantile, because a bootstrap
 * of few values is too narrow.
 *
 * @param confidence such as 0.99.
 */
export function trimmedEstimate(values: readonly number[], confidence: number, seed = 1): Estimate {
  const value = trimmedMean(values)
  if (values.length < 2) return { value, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  const random = randomOf(seed)
  const drawn = Float64Array.from({ length: DRAWS }, () =>
    trimmedMean(values.map(() => values[Math.floor(random() * values.length)] ?? 0)),
  ).sort()
  const tail = (1 - confidence) / 2
  const wider = studentQuantile(1 - tail, values.length - 2 * Math.floor(values.length * TRIM) - 1) / normalQuantile(1 - tail)
  const at = (share: number): number => drawn[Math.min(DRAWS - 1, Math.floor(share * DRAWS))] ?? value
  return { value, low: value + (at(tail) - value) * wider, high: value + (at(1 - tail) - value) * wider }
}

/** A point of two measured values. */
export interface Point {
  readonly x: number
  readonly y: number
}

/**
 * The median of the slopes of all pairs of points (Theil and Sen), with an interval of 95 % (Sen 1968). Null without two different `x`.
 */
export function theilSen(points: readonly Point[]): Estimate | null {
  const slopes = points
    .flatMap((a, i) => points.slice(i + 1).flatMap((b) => (a.x === b.x ? [] : [(b.y - a.y) / (b.x - a.x)])))
    .sort((a, b) => a - b)
  if (slopes.length === 0) return null
  const n = points.length
  // The variance of Kendall's statistic, less that of equal `x`, whose pairs have no slope.
  const ties = [...Map.groupBy(points, ({ x }) => x).values()].reduce((sum, { length: t }) => sum + t * (t - 1) * (2 * t + 5), 0)
  const spread = normalQuantile(0.975) * Math.sqrt((n * (n - 1) * (2 * n + 5) - ties) / 18)
  const low = Math.max(0, Math.floor((slopes.length - spread) / 2))
  const high = Math.min(slopes.length - 1, Math.ceil((slopes.length + spread) / 2))
  return { value: median(slopes), low: slopes[low] ?? 0, high: slopes[high] ?? 0 }
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}
