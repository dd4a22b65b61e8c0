/** The report in the Common Test Report Format (ctrf.io), one test for each claim. */

import type { ClaimVerdict, VerifiedClaim } from '../claims-of.ts'
import type { VerifyReport } from '../report-of.ts'

/** A report in CTRF. */
export interface CtrfReport {
  readonly reportFormat: 'CTRF'
  readonly specVersion: '0.0.0'
  readonly results: {
    readonly tool: { readonly name: string; readonly version: string }
    readonly summary: Readonly<Record<'tests' | 'passed' | 'failed' | 'pending' | 'skipped' | 'other' | 'start' | 'stop', number>>
    readonly tests: readonly CtrfTest[]
    readonly environment: { readonly appName: string; readonly extra: Readonly<Record<string, unknown>> }
  }
}

/** One claim. */
export interface CtrfTest {
  readonly name: string
  readonly status: 'passed' | 'failed' | 'skipped' | 'other'
  readonly duration: number
  readonly suite: readonly [string]
  readonly message?: string
  readonly filePath: string
  readonly line?: number
  readonly rawStatus: ClaimVerdict
}

const STATUS = { holds: 'passed', fails: 'failed', undecided: 'other', 'not-tested': 'skipped' } as const

/** A projection of the report. A claim that is undecided is `other`, and neither passed nor skipped. */
export function ctrfOf(report: VerifyReport): CtrfReport {
  const { claims, plinth, startedAt, seconds, design, seed, mode, totals, verdict } = report
  const start = Date.parse(startedAt)
  const count = (status: CtrfTest['status']): number => claims.filter(({ result }) => STATUS[result.verdict] === status).length
  return {
    reportFormat: 'CTRF',
    specVersion: '0.0.0',
    results: {
      tool: { name: 'plinth verify', version: plinth },
      summary: {
        tests: claims.length,
        passed: count('passed'),
        failed: count('failed'),
        pending: 0,
        skipped: count('skipped'),
        other: count('other'),
        start,
        stop: start + Math.round(seconds * 1_000),
      },
      tests: claims.map(testOf),
      environment: {
        appName: design.name,
        extra: { designSha256: design.sha256, seed, mode, verdict, cases: totals.cases, findings: totals.failed },
      },
    },
  }
}

function testOf({ id, family, result, evidence, from, open }: VerifiedClaim): CtrfTest {
  const [first] = evidence.filter(({ wrong }) => wrong !== null)
  const message =
    first !== undefined
      ? `${result.failed} of ${result.cases} cases failed, the first ${first.case}: ${first.request}: ${first.wrong}`
      : open.length > 0
        ? `open: ${open.join(', ')}`
        : null
  return {
    name: id,
    status: STATUS[result.verdict],
    duration: Math.round(evidence.reduce((sum, { ms }) => sum + ms, 0)),
    suite: [family],
    ...(message === null ? {} : { message }),
    filePath: from.file,
    ...(from.line === null ? {} : { line: from.line }),
    rawStatus: result.verdict,
  }
}
