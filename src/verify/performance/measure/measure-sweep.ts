/** How throughput grows with the number of callers: all operations together, with ever more callers and then ever fewer, and a fit. */

import type { MeasuredSweep } from '../performance-report.ts'
import type { LoadPoint } from '../statistics/usl.ts'
import { judgeUsl, REPEAT_AGAIN } from '../statistics/usl-judge.ts'
import type { LoadStage } from './load-stage.ts'

/** How many callers wait for their answers at once. */
const LOADS = [1, 2, 4, 8, 16, 32, 64, 128]
/** Seconds of a load, as a part of those of an open measurement. */
const LENGTH = 3 / 4
const WARM = 0.2

/**
 * Measures each load twice, up and down, and a third time where both differ; then fits.
 *
 * @param texts requests of all operations.
 */
export async function measureSweep(
  { generator, port }: LoadStage,
  texts: () => readonly string[],
  seconds: number,
): Promise<MeasuredSweep> {
  const points: LoadPoint[] = []
  const measure = async (load: number): Promise<void> => {
    generator.use(texts())
    const length = seconds * LENGTH
    const { requests, failed } = await generator.closed({ ports: [port], callers: load, warmSeconds: length * WARM, seconds: length })
    points.push({ load, throughput: Math.round(((requests - failed) / length) * 10) / 10 })
  }
  for (const load of [...LOADS, ...LOADS.toReversed()]) await measure(load)
  for (const load of LOADS) if (isApart(points, load)) await measure(load)
  return sweepOf(points)
}

function isApart(points: readonly LoadPoint[], load: number): boolean {
  const own = points.filter((point) => point.load === load).map(({ throughput }) => throughput)
  return Math.max(...own) - Math.min(...own) > REPEAT_AGAIN * Math.max(...own)
}

/** The report of a sweep. A load without an answer has no place in the fit. */
export function sweepOf(points: readonly LoadPoint[]): MeasuredSweep {
  const answered = points.filter(({ throughput }) => throughput > 0)
  if (new Set(answered.map(({ load }) => load)).size < 4) return { points, fit: null, doubts: ['fewer than four loads were answered'] }
  const { fit, within, peak, peakMeasured, unseen, doubts } = judgeUsl(answered)
  const estimate = (value: number, half: number) => ({ value: digits(value), within: digits(Math.min(half, Number.MAX_SAFE_INTEGER)) })
  return {
    points,
    fit: {
      lambda: estimate(fit.lambda, within.lambda),
      sigma: estimate(fit.sigma, within.sigma),
      kappa: estimate(fit.kappa, within.kappa),
      peak: peakMeasured ? Math.round(peak) : null,
      unseen: digits(Math.max(0, ...unseen.map(({ error }) => error))),
    },
    doubts,
  }
}

function digits(value: number): number {
  return Number(value.toPrecision(3))
}
