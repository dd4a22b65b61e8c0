/** The finished run of `plinth verify` that a hand-over is about. */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsPlugin from 'ajv-formats'
import { ownPackage } from '../../embed/own-package.ts'
import type { VerifyReport } from '../../verify/report/report-of.ts'
import { REPORT_SCHEMA } from '../../verify/report/report-schema.ts'
import type { LoadedDesign } from '../setup/load-design.ts'
import { UsageError } from '../terminal/usage-error.ts'
import { ownTestFiles } from '../verifying/review/run-own-tests.ts'
import { componentsOf } from '../verifying/supply-chain.ts'
import type { DeliveredProject } from './read-project.ts'

/** A run, with what it has written besides its report. */
export interface FinishedRun {
  readonly report: VerifyReport
  readonly sbom: string | null
}

/** What a report must be about. */
export interface ReportSubject {
  readonly loaded: LoadedDesign
  readonly project: DeliveredProject
  readonly cwd: string
}

const AGAIN = 'verify this design and hand that over: plinth verify --out verify && plinth deliver --report verify --out delivery'

/**
 * Reads the report of a finished run.
 *
 * @param folder of the run; where `plinth verify --out` wrote.
 * @throws UsageError if there is none, or if it is about another design, other code, another version or another environment.
 */
export function readReport(folder: string, { loaded, project, cwd }: ReportSubject): FinishedRun {
  const file = join(resolve(cwd, folder), 'report.json')
  if (!existsSync(file)) throw new UsageError(`there is no ${file}`, AGAIN)
  const report = parsed(file)
  if (!isReport(report)) throw new UsageError(`${file} is no report of this version of plinth verify`, AGAIN)
  const { version } = ownPackage()
  if (report.plinth !== version) throw new UsageError(`${file} is of Plinth ${report.plinth}, and this is Plinth ${version}`, AGAIN)
  if (report.against !== null) throw new UsageError(`${file} is about ${report.against.url}, and not about this design alone`, AGAIN)
  if (report.design.sha256 !== project.digest)
    throw new UsageError(`${file} is about other files of the design ${report.design.name}: their SHA-256 differ`, AGAIN)
  const tests = ownTestFiles(dirname(loaded.path))
  if (report.tests !== null && report.tests.files.map(({ file: test }) => test).join() !== tests.join())
    throw new UsageError(`${file} is about other files of tests than those of the project`, AGAIN)
  const list = join(resolve(cwd, folder), 'sbom.cdx.json')
  const sbom = existsSync(list) ? readFileSync(list, 'utf8') : null
  return { report, sbom: sbom !== null && componentsOf(sbom) !== null ? sbom : null }
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

function isReport(value: unknown): value is VerifyReport {
  const ajv = new Ajv2020({ strict: false })
  // The type of the package's default export is that of its namespace.
  const addFormats = formatsPlugin as unknown as (to: Ajv2020) => void
  addFormats(ajv)
  return ajv.validate(REPORT_SCHEMA, value)
}
