/** Whether a fit of the scalability law says something about a backend, or why it does not. */

import { studentQuantile } from './student.ts'
import { fitUsl, type LoadPoint, peakLoad, throughputAt, type UslFit } from './usl.ts'

/** A judged fit. */
export interface JudgedUsl {
  readonly fit: UslFit
  /** Half the width of the intervals of 95 %, by parameter. */
  readonly within: { readonly lambda: number; readonly sigma: number; readonly kappa: number }
  /** N*; infinite if no load lowers the throughput. */
  readonly peak: number
  /** Whether the peak lies within the loads that were measured. */
  readonly peakMeasured: boolean
  /** For each inner load, by how much a fit of the others misses it, as a part of what was measured. */
  readonly unseen: readonly { readonly load: number; readonly error: number }[]
  /** Why there is no verdict; empty if there is one. */
  readonly doubts: readonly string[]
}

const LEAST_LOADS = 6
const WIDEST_LAMBDA = 0.15
const WORST_UNSEEN = 0.1
/** As many neighbours with residuals on one side, each by at least this part, mean that the law does not fit. */
const ONE_SIDED = 4
const RESIDUAL = 0.02

/** The measurements of one load are repeated; a third time if two differ by more than this part. */
export const REPEAT_AGAIN = 0.05

/** Fits and judges. @param points several of each load are repeats. */
export function judgeUsl(points: readonly LoadPoint[]): JudgedUsl {
  const byLoad = [...Map.groupBy(points, ({ load }) => load)].toSorted(([a], [b]) => a - b)
  const loads = byLoad.map(([load]) => load)
  const weights = weightsOf(points)
  const fit = fitUsl(points, weights)
  const t = studentQuantile(0.975, Math.max(1, fit.freedom))
  const { lambda, sigma, kappa } = fit.errors
  const within = { lambda: lambda * t, sigma: sigma * t, kappa: kappa * t }
  const highest = loads.at(-1) ?? 1
  const peak = peakLoad(fit)
  const unseen = loads.slice(1, -1).map((load) => ({ load, error: missOf(points, load) }))
  const worst = unseen.reduce((most, one) => (one.error > most.error ? one : most), { load: 0, error: 0 })
  const doubts = [
    ...(loads.length < LEAST_LOADS ? [`only ${loads.length} loads were measured, and it takes ${LEAST_LOADS}`] : []),
    ...(isBeyondKnee(byLoad.map(([load, own]) => ({ load, throughput: meanOf(own) }))) ? [] : ['no load is beyond the knee of the curve']),
    ...(within.lambda > WIDEST_LAMBDA * fit.lambda
      ? [`λ is known only to ±${percent(within.lambda / fit.lambda)} (limit ${percent(WIDEST_LAMBDA)})`]
      : []),
    ...(worst.error > WORST_UNSEEN
      ? [`a fit of the other loads misses the load ${worst.load} by ${percent(worst.error)} (limit ${percent(WORST_UNSEEN)})`]
      : []),
    ...(isOneSided(
      fit,
      byLoad.map(([load, own]) => ({ load, throughput: meanOf(own) })),
    )
      ? [`${ONE_SIDED} neighbouring loads are all above or all below the curve`]
      : []),
  ]
  return { fit, within, peak, peakMeasured: peak <= highest, unseen, doubts }
}

/**
 * 1 ÷ variance of the repeats. Two repeats know it badly, so all loads have the same relative variance; without repeats, the same variance.
 */
function weightsOf(points: readonly LoadPoint[]): readonly number[] {
  const isRepeated = new Set(points.map(({ load }) => load)).size < points.length
  return points.map(({ throughput }) => (isRepeated ? 1 / throughput ** 2 : 1))
}

/** Leaves one load out, and predicts it. */
function missOf(points: readonly LoadPoint[], load: number): number {
  const others = points.filter((point) => point.load !== load)
  const predicted = throughputAt(fitUsl(others, weightsOf(others)), load)
  const measured = meanOf(points.filter((point) => point.load === load))
  return Math.abs(predicted - measured) / measured
}

/** Beyond the knee: some load has less than three quarters of the throughput for each open request of the lowest one. */
function isBeyondKnee(means: readonly LoadPoint[]): boolean {
  const [first] = means
  if (first === undefined) return false
  return means.some(({ load, throughput }) => throughput / load < 0.75 * (first.throughput / first.load))
}

function isOneSided(fit: UslFit, means: readonly LoadPoint[]): boolean {
  const signs = means.map(({ load, throughput }) => {
    const residual = throughput - throughputAt(fit, load)
    return Math.abs(residual) < RESIDUAL * throughput ? 0 : Math.sign(residual)
  })
  return signs.some((sign, i) => sign !== 0 && i + ONE_SIDED <= signs.length && signs.slice(i, i + ONE_SIDED).every((one) => one === sign))
}

function meanOf(points: readonly LoadPoint[]): number {
  return points.reduce((sum, { throughput }) => sum + throughput, 0) / points.length
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`
}
