/** Which verdicts differ between two reports. */

import { compareLoads } from '../performance/compare/compare-loads.ts'
import type { Comparison, VerifyReport } from './report-of.ts'

/** What of a report its repetition needs. */
export type EarlierReport = Pick<VerifyReport, 'design' | 'plinth' | 'seed' | 'mode' | 'only' | 'mutants' | 'startedAt' | 'claims'> &
  Partial<Pick<VerifyReport, 'against' | 'load' | 'builds' | 'performance'>>

/** Compares the verdicts of claims by their ids, in the order of the later report. */
export function compareReports(
  path: string,
  earlier: EarlierReport,
  later: Pick<VerifyReport, 'claims' | 'design' | 'performance'>,
): Comparison {
  const before = new Map(earlier.claims.map(({ id, result }) => [id, result.verdict]))
  const after = new Map(later.claims.map(({ id, result }) => [id, result.verdict]))
  const ids = [...new Set([...after.keys(), ...before.keys()])]
  return {
    with: path,
    startedAt: earlier.startedAt,
    sameDesign: earlier.design.sha256 === later.design.sha256,
    plinth: earlier.plinth,
    compared: ids.filter((id) => before.has(id) && after.has(id)).length,
    changed: ids
      .map((claim) => ({ claim, before: before.get(claim) ?? null, after: after.get(claim) ?? null }))
      .filter((one) => one.before !== one.after),
    loads: earlier.performance == null || later.performance === null ? [] : compareLoads(earlier.performance, later.performance),
  }
}
