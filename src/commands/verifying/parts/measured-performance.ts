/** Performance as a part of a run: its name, and what it adds to the report. */

import type { VerifiedClaim } from '../../../verify/report/claims-of.ts'
import type { NotTested, VerifyReport } from '../../../verify/report/report-of.ts'

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

/** Whether the chosen cases are measurements. */
export function isPerformanceName(only: string | undefined): boolean {
  return only === PERFORMANCE_NAME || only?.startsWith(`${PERFORMANCE_NAME}/`) === true
}
