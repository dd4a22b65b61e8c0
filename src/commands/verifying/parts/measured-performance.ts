/** Performance as a part of a run: its name, and what it adds to the report. */

import type { VerifiedClaim } from '../../../verify/report/claims-of.ts'
import { shellWord } from '../../../verify/report/repeat-command.ts'
import type { NotTested, VerifyReport } from '../../../verify/report/report-of.ts'
import { UsageError } from '../../terminal/usage-error.ts'

/** The name of all measurements in `--only`. */
export const PERFORMANCE_NAME = 'performance'
/** The name of the comparison with another build. */
export const BUILDS_NAME = `${PERFORMANCE_NAME}/builds`

/** How much load, as the options say. */
export interface LoadInput {
  /** The most rows of one entity; the targets of the design unless given. */
  readonly rows: string | undefined
  /** Seconds of each measurement; 4 unless given. */
  readonly seconds: string | undefined
  /** The path of a build to compare with; none unless given. */
  readonly againstBuild?: string | undefined
}

/** What was measured, as parts of the report. */
export interface MeasuredPerformance {
  readonly performance: VerifyReport['performance']
  readonly builds: VerifyReport['builds']
  readonly claims: readonly VerifiedClaim[]
  readonly notTested: readonly NotTested[]
  /** The version of the PostgreSQL server; null if nothing was measured. */
  readonly postgres: string | null
}

/** No option about load. */
export const NO_LOAD: LoadInput = { rows: undefined, seconds: undefined }

/** The load in numbers; null where the option is not given. @throws UsageError for numbers that are none. */
export function loadNumbers({ rows, seconds }: LoadInput): { readonly rows: number | null; readonly seconds: number | null } {
  return { rows: numberOf('--load-rows', rows), seconds: numberOf('--load-seconds', seconds) }
}

/** The options of a run that say whether performance is measured. */
export interface Measured {
  readonly mode: 'quick' | 'full'
  readonly only: string | undefined
  readonly isElsewhere: boolean
}

/**
 * Refuses options about load before anything is started.
 *
 * @throws UsageError for numbers that are none, where nothing is measured, and for a comparison with no build.
 */
export function refuseLoad(load: LoadInput, { mode, only, isElsewhere }: Measured): void {
  const { rows, seconds } = loadNumbers(load)
  const { againstBuild } = load
  if (isBuildsName(only) && againstBuild === undefined)
    throw new UsageError(`${only} compares with another build`, `name it: plinth verify --only ${only} --against-build ../before`)
  if (rows === null && seconds === null && againstBuild === undefined) return
  const without = isElsewhere ? '--against' : leftOutBy(mode, only)
  if (without === null) return
  const option =
    againstBuild !== undefined
      ? `--against-build ${shellWord(againstBuild)}`
      : rows === null
        ? `--load-seconds ${seconds}`
        : `--load-rows ${rows}`
  throw new UsageError(
    `${option} measures nothing: ${without} leaves performance out`,
    `measure alone: plinth verify --only performance ${option}`,
  )
}

/** The option that leaves measurements out; null if they are made. */
export function leftOutBy(mode: 'quick' | 'full', only: string | undefined): '--only' | '--quick' | null {
  if (isPerformanceName(only)) return null
  return only !== undefined ? '--only' : mode === 'quick' ? '--quick' : null
}

/** Whether the chosen cases are measurements. */
export function isPerformanceName(only: string | undefined): boolean {
  return only === PERFORMANCE_NAME || only?.startsWith(`${PERFORMANCE_NAME}/`) === true
}

/** Whether only the comparison with another build is chosen. */
export function isBuildsName(only: string | undefined): boolean {
  return only === BUILDS_NAME || only?.startsWith(`${BUILDS_NAME}/`) === true
}

function numberOf(option: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const number = Number(text)
  if (!(number > 0) || number > 100_000_000)
    throw new UsageError(`${option} ${text} is not a number above 0`, `write for instance ${option} 2`)
  return number
}
