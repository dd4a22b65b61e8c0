/** The report that a run repeats. */

import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { EarlierReport } from '../../verify/report/compare-reports.ts'
import { UsageError } from '../terminal/usage-error.ts'

const SCHEMA = 'plinth-verify/1'

/** Reads an earlier report. @throws UsageError for a file that is not there or is no report of this version of the format. */
export function earlierReport(path: string, cwd: string): EarlierReport {
  const file = resolve(cwd, path)
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`, 'name the report.json of an earlier run, or leave out --from')
  const report = parsed(file)
  if (!isReport(report))
    throw new UsageError(
      `${path} is no report of plinth verify`,
      'name the report.json of an earlier run: plinth verify --from verify/report.json',
    )
  return report
}

/** Whether a value has what a repetition reads. A report that was cut or written by hand may have less. */
function isReport(value: unknown): value is EarlierReport {
  const { schema, design, seed, claims } = (value ?? {}) as Partial<Record<'schema' | 'design' | 'seed' | 'claims', unknown>>
  const hasFile = typeof design === 'object' && design !== null && 'file' in design && typeof design.file === 'string'
  return schema === SCHEMA && hasFile && Number.isInteger(seed) && Array.isArray(claims) && claims.every(isClaim)
}

/** Whether a value has what the comparison reads. */
function isClaim(value: unknown): boolean {
  const { id, result } = (value ?? {}) as Partial<Record<'id' | 'result', unknown>>
  return (
    typeof id === 'string' && typeof result === 'object' && result !== null && 'verdict' in result && typeof result.verdict === 'string'
  )
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}
