/** What a trial of the comparison with another build has shown. */

import type { ComparedOperation } from '../../../../src/verify/performance/performance-report.ts'

/** A run against an equal build, and one against a build with a planted regression. */
export interface GateRun {
  readonly seed: number
  /** Of both. */
  readonly seconds: readonly number[]
  /** The operation with the regression, and the milliseconds of processor time that it costs more. */
  readonly operation: string
  readonly plantedMs: number
  readonly unchanged: readonly ComparedOperation[]
  readonly planted: readonly ComparedOperation[]
}

/** At least this part of the planted runs must be noticed. */
const NOTICED = 0.9
/** What was planted, as a ratio of the costs. Other figures mean that the trial is at fault. */
const PLANTED = { least: 1.13, most: 1.17 }

/** A line for each run. */
export function textOf(run: GateRun): string {
  const verdicts = (operations: readonly ComparedOperation[]): string =>
    operations.map(({ id, verdict, ratio }) => `${id} ${verdict} ${ratio?.value} (${ratio?.low} to ${ratio?.high})`).join(' · ')
  return [
    `${run.seed} unchanged  ${run.seconds[0]} s  ${verdicts(run.unchanged)}`,
    `${run.seed} planted    ${run.seconds[1]} s  ${verdicts(run.planted)}  planted ${plantedIn(run).toFixed(3)}`,
  ].join('\n')
}

/** What was planted: processor time more, beside that of the build without it in the same run. The comparison has no part in it. */
function plantedIn({ planted, operation, plantedMs }: GateRun): number {
  const old = planted.find(({ id }) => id === operation)?.old
  return 1 + plantedMs / ((old?.serverMs ?? 0) + (old?.databaseMs ?? 0))
}

/** All runs together, and whether they show what they must. */
export function summaryOf(runs: readonly GateRun[]): { readonly text: string; readonly isKept: boolean } {
  const regressed = (of: readonly ComparedOperation[]): readonly string[] =>
    of.filter(({ verdict }) => verdict === 'regressed').map(({ id }) => id)
  const noticed = runs.filter(({ planted, operation }) => regressed(planted).includes(operation)).length
  const alarms = runs.filter(
    ({ unchanged, planted, operation }) => regressed(unchanged).length > 0 || regressed(planted).some((id) => id !== operation),
  ).length
  const verdicts = runs.flatMap(({ unchanged, planted }) => [...unchanged, ...planted])
  const noisy = verdicts.filter(({ verdict }) => verdict === 'noisy').length
  const planted = meanOf(runs.map(plantedIn))
  const isTrue = planted >= PLANTED.least && planted <= PLANTED.most
  const text = [
    `planted regressions noticed in ${noticed} of ${runs.length}; runs with a false alarm ${alarms} of ${runs.length}`,
    `too noisy to say ${noisy} of ${verdicts.length}`,
    `planted was ${planted.toFixed(3)} in the mean${isTrue ? '' : ', which is not what the trial is about'}`,
  ].join('; ')
  return { text, isKept: runs.length > 0 && noticed >= runs.length * NOTICED && alarms === 0 && isTrue }
}

/** The geometric mean, because these are ratios. */
function meanOf(ratios: readonly number[]): number {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / Math.max(1, ratios.length))
}
