/** The report that a run repeats. */

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { EarlierReport } from '../../verify/report/compare-reports.ts'
import { UsageError } from '../terminal/usage-error.ts'

const SCHEMA = 'plinth-verify/1'

/** Reads an earlier report. @throws UsageError for a file that is no report of this version of the format. */
export function earlierReport(path: string, cwd: string): EarlierReport {
  const report = parsed(resolve(cwd, path))
  if (typeof report !== 'object' || report === null || !('schema' in report) || report.schema !== SCHEMA)
    throw new UsageError(
      `${path} is no report of plinth verify`,
      'name the report.json of an earlier run: plinth verify --from verify/report.json',
    )
  return report as unknown as EarlierReport
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}
