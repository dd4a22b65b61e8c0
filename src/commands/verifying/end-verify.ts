/** The end of `plinth verify`: the files of the report, its text, and the exit code. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import { ctrfOf } from '../../verify/report/forms/ctrf.ts'
import { junitOf } from '../../verify/report/forms/junit.ts'
import { sarifOf } from '../../verify/report/forms/sarif.ts'
import { reportPage } from '../../verify/report/page/report-page.ts'
import type { VerifyReport } from '../../verify/report/report-of.ts'
import type { Io, Outcome } from '../terminal/command.ts'
import { count } from '../terminal/layout.ts'
import { accessNearestFolder } from '../terminal/nearest-folder.ts'
import { reportText } from './report-text.ts'

/** Where a report goes, and what does not fail the run. */
export interface Ending {
  /** The folder; `verify` in the working directory unless given. */
  readonly out: string | undefined
  readonly allow: readonly string[]
  readonly io: Io
  /** The list of components in CycloneDX; none unless given. */
  readonly sbom?: string | null
}

const FOLDER = 'verify'

/** Looks, before a run, whether its report can be written. Nothing is made yet. @throws EnvironmentError if it cannot. */
export function checkReportFolder(out: string | undefined, cwd: string): void {
  const folder = resolve(cwd, out ?? FOLDER)
  try {
    accessNearestFolder(folder)
  } catch (error) {
    throw unwritable(folder, error)
  }
}

function unwritable(folder: string, error: unknown): EnvironmentError {
  const why = error instanceof Error ? error.message : String(error)
  return new EnvironmentError(`the report cannot be written to ${folder}: ${why}`, 'name another folder: plinth verify --out /tmp/report')
}

/** Writes the report in all its forms and gives the exit code. @throws EnvironmentError if a file cannot be written. */
export function endVerify(report: VerifyReport, { out, allow, io, sbom = null }: Ending): Outcome {
  const folder = resolve(io.cwd, out ?? FOLDER)
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
  const files = {
    'report.html': reportPage(report),
    'report.json': json(report),
    'junit.xml': junitOf(report),
    'ctrf.json': json(ctrfOf(report)),
    'report.sarif': json(sarifOf(report)),
    ...(sbom === null ? {} : { 'sbom.cdx.json': sbom }),
  }
  try {
    mkdirSync(folder, { recursive: true })
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  } catch (error) {
    throw unwritable(folder, error)
  }
  const paths = Object.keys(files).map((name) => relative(io.cwd, join(folder, name)))
  const text = reportText(report, io.style, paths)
  if (report.verdict === 'holds' || allow.includes(report.verdict)) return { exit: 0, data: report, text }
  return { exit: 1, data: report, text, reason: reasonOf(report) }
}

function reasonOf({ verdict, totals, claims }: VerifyReport) {
  const hint = 'see the findings above, or report.json'
  if (verdict === 'fails') return { message: `${count(totals.failed, 'case')} of ${totals.cases} failed`, hint }
  if (verdict === 'not-tested') return { message: 'nothing was tested', hint: 'the report says why' }
  const open = claims.filter(({ result }) => result.verdict === 'undecided').length
  if (open === 0)
    return {
      message: `only ${totals.accepted} of ${totals.accessCases} access cases were allowed, so the others show little`,
      hint: 'see whether callers get what the rules allow; --allow undecided accepts it',
    }
  return {
    message: `${count(open, 'claim is', 'claims are')} undecided`,
    hint: 'the report says what is open; --allow undecided accepts it',
  }
}
