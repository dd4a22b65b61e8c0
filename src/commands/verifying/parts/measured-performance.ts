/** Performance as a part of a run: its name, and what it adds to the report. */

import type { VerifiedClaim } from '../../../verify/report/claims-of.ts'
import type { NotTested, VerifyReport } from '../../../verify/report/report-of.ts'
import { UsageError } from '../../terminal/usage-error.ts'

/** The name of all measurements in `--only`. */
export const PERFORMANCE_NAME = 'performance'

/** How much load, as the options say. */
export interface LoadInput {
  /** The most rows of one entity; the targets of the design unless given. */
  readonly rows: string | undefined
  /** Seconds of each measurement; 6 unless given. */
  readonly seconds: string | undefined
}

/** What was measured, as parts of the report. */
export interface MeasuredPerformance {
  readonly performance: VerifyReport['performance']
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

/** Refuses options about load before anything is started. @throws UsageError for numbers that are none, and where nothing is measured. */
export function refuseLoad(load: LoadInput, { mode, only, isElsewhere }: Measured): void {
  const { rows, seconds } = loadNumbers(load)
  if (rows === null && seconds === null) return
  const without = isElsewhere ? '--against' : leftOutBy(mode, only)
  if (without === null) return
  const option = rows === null ? `--load-seconds ${seconds}` : `--load-rows ${rows}`
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

function numberOf(option: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const number = Number(text)
  if (!(number > 0) || number > 100_000_000)
    throw new UsageError(`${option} ${text} is not a number above 0`, `write for instance ${option} 2`)
  return number
}
