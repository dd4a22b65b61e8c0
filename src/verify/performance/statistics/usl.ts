/** Fits the Universal Scalability Law: throughput as a function of how many requests are open at once. */

import { solve } from './solve.ts'

/** What was measured at one load. */
export interface LoadPoint {
  /** How many requests were open at once. */
  readonly load: number
  /** Requests a second. */
  readonly throughput: number
}

/** λ: throughput of one alone. σ: the part that must wait for others. κ: what each pair costs to agree. */
export interface UslParameters {
  readonly lambda: number
  readonly sigma: number
  readonly kappa: number
}

/** A fit with the standard error of each parameter; 0 for one that was set to its bound of 0. */
export interface UslFit extends UslParameters {
  readonly errors: UslParameters
  /** Degrees of freedom that are left for the errors. */
  readonly freedom: number
}

const NAMES = ['lambda', 'sigma', 'kappa'] as const
const MOST_STEPS = 200

/** X(N) = λN ÷ (1 + σ(N − 1) + κN(N − 1)). */
export function throughputAt({ lambda, sigma, kappa }: UslParameters, load: number): number {
  return (lambda * load) / (1 + sigma * (load - 1) + kappa * load * (load - 1))
}

/** The load with the highest throughput, N* = √((1 − σ) ÷ κ); infinite if κ is 0. */
export function peakLoad({ sigma, kappa }: UslParameters): number {
  return kappa === 0 ? Number.POSITIVE_INFINITY : Math.sqrt(Math.max(0, 1 - sigma) / kappa)
}

/**
 * Fits by least squares (Levenberg and Marquardt), from the line that the law becomes. σ and κ are at least 0: one that would be negative
 * is set to 0, and the others are fitted again.
 *
 * @param points at least three different loads.
 * @param weights one a point, such as 1 ÷ variance; equal unless given.
 */
export function fitUsl(points: readonly LoadPoint[], weights: readonly number[] = points.map(() => 1)): UslFit {
  const start = startOf(points)
  for (const free of [NAMES, ['lambda', 'sigma'], ['lambda', 'kappa'], ['lambda']] as const) {
    const fixed = { ...start, ...(isFree(free, 'sigma') ? {} : { sigma: 0 }), ...(isFree(free, 'kappa') ? {} : { kappa: 0 }) }
    const fitted = descend({ points, weights, free }, fixed)
    if (fitted.sigma >= 0 && fitted.kappa >= 0) return fitted
  }
  throw new Error('a fit of λ alone has no negative parameter')
}

type Name = (typeof NAMES)[number]

interface Fitting {
  readonly points: readonly LoadPoint[]
  readonly weights: readonly number[]
  readonly free: readonly Name[]
}

const isFree = (free: readonly Name[], name: Name): boolean => free.includes(name)

/** (N·λ₀ ÷ X − 1) ÷ (N − 1) = σ + κN, with λ₀ from the lowest load. */
function startOf(points: readonly LoadPoint[]): UslParameters {
  const lowest = points.reduce((least, point) => (point.load < least.load ? point : least))
  const lambda = lowest.throughput / lowest.load
  const line = points
    .filter(({ load }) => load > 1)
    .map(({ load, throughput }) => ({ x: load, y: ((load * lambda) / throughput - 1) / (load - 1) }))
  const count = Math.max(1, line.length)
  const meanX = line.reduce((sum, { x }) => sum + x, 0) / count
  const meanY = line.reduce((sum, { y }) => sum + y, 0) / count
  const above = line.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0)
  const below = line.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
  const kappa = below === 0 ? 0 : Math.max(0, above / below)
  return { lambda, sigma: Math.min(0.99, Math.max(0, meanY - kappa * meanX)), kappa }
}

/** Steps downhill until they no longer help; then the errors from the curvature, s²(JᵀWJ)⁻¹. */
function descend({ points, weights, free }: Fitting, start: UslParameters): UslFit {
  let at = start
  let loss = lossOf(points, weights, at)
  let damping = 1e-3
  for (let step = 0; step < MOST_STEPS && damping < 1e12; step++) {
    const { curvature, gradient } = normalEquations({ points, weights, free }, at)
    const damped = curvature.map((row, i) => row.map((value, j) => (i === j ? value * (1 + damping) : value)))
    const change = solve(damped, gradient)
    const next = change === null ? null : moved(at, free, change)
    const nextLoss = next === null ? Number.POSITIVE_INFINITY : lossOf(points, weights, next)
    if (next !== null && nextLoss < loss) {
      const isDone = loss - nextLoss < 1e-14 * loss
      at = next
      loss = nextLoss
      damping = Math.max(1e-12, damping / 10)
      if (isDone) break
    } else damping *= 10
  }
  const freedom = Math.max(0, points.length - free.length)
  const { curvature } = normalEquations({ points, weights, free }, at)
  const variance = freedom === 0 ? Number.POSITIVE_INFINITY : loss / freedom
  const errorOf = (name: Name): number => {
    const i = free.indexOf(name)
    if (i === -1) return 0
    const column = solve(
      curvature,
      free.map((_, j) => (i === j ? 1 : 0)),
    )
    return Math.sqrt(Math.max(0, column?.[i] ?? Number.POSITIVE_INFINITY) * variance)
  }
  return { ...at, errors: { lambda: errorOf('lambda'), sigma: errorOf('sigma'), kappa: errorOf('kappa') }, freedom }
}

function lossOf(points: readonly LoadPoint[], weights: readonly number[], at: UslParameters): number {
  return points.reduce((sum, { load, throughput }, i) => sum + (weights[i] ?? 1) * (throughput - throughputAt(at, load)) ** 2, 0)
}

function moved(at: UslParameters, free: readonly Name[], change: readonly number[]): UslParameters {
  const by = (name: Name): number => change[free.indexOf(name)] ?? 0
  return { lambda: at.lambda + by('lambda'), sigma: at.sigma + by('sigma'), kappa: at.kappa + by('kappa') }
}

function normalEquations({ points, weights, free }: Fitting, at: UslParameters) {
  const curvature = free.map(() => free.map(() => 0))
  const gradient = free.map(() => 0)
  points.forEach(({ load, throughput }, p) => {
    const below = 1 + at.sigma * (load - 1) + at.kappa * load * (load - 1)
    const slopes: UslParameters = {
      lambda: load / below,
      sigma: (-at.lambda * load * (load - 1)) / below ** 2,
      kappa: (-at.lambda * load * load * (load - 1)) / below ** 2,
    }
    const weight = weights[p] ?? 1
    free.forEach((a, i) => {
      gradient[i] = (gradient[i] ?? 0) + weight * slopes[a] * (throughput - throughputAt(at, load))
      free.forEach((b, j) => {
        const row = curvature[i]
        if (row !== undefined) row[j] = (row[j] ?? 0) + weight * slopes[a] * slopes[b]
      })
    })
  })
  return { curvature, gradient }
}
