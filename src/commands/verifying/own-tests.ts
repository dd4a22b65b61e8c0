/** The own tests of a project as a part of `plinth verify`. */

import { readFileSync } from 'node:fs'
import type { Model } from '../../model/model.ts'
import type { VerifiedClaim } from '../../verify/report/claims-of.ts'
import { ownTestsClaim } from '../../verify/report/own-tests-claim.ts'
import type { NotTested } from '../../verify/report/report-of.ts'
import { type OwnTestRun, type OwnTestsReport, ownTestsReport } from '../../verify/review/own-tests.ts'
import type { Io } from '../terminal/command.ts'
import { count } from '../terminal/layout.ts'
import { missingPackages } from './review/missing-packages.ts'
import { type OwnLogic, untestedLogic } from './review/own-logic.ts'
import { relativeTo } from './review/relative-to.ts'
import { nodeFlags, ownTestFiles, runOwnTests } from './review/run-own-tests.ts'

/** How long the tests of a project may take. Those that take longer are left out of quick runs, and undecided in others. */
const WITHIN_MS = { quick: 30_000, full: 300_000 } as const
const NAME = 'tests'

/** What was tested, as parts of the report. */
export interface TestedProject {
  readonly claim: VerifiedClaim
  readonly report: OwnTestsReport
  readonly notTested: readonly NotTested[]
  /** Whether none failed and all came to an end. */
  readonly isSmooth: boolean
}

/** What to test. */
export interface TestingProject {
  readonly model: Model
  readonly logic: OwnLogic
  readonly mode: 'quick' | 'full'
  readonly only: string | undefined
  /** The file of the design, and the command that repeats the tests. */
  readonly file: string
  readonly command: string
}

/** Whether the chosen cases are tests of the project. */
export function isTestName(only: string | undefined): boolean {
  return only === NAME || only?.startsWith(`${NAME}/`) === true
}

/** Runs the tests of a project; null if `only` names other cases. */
export async function testProject(testing: TestingProject, io: Pick<Io, 'env' | 'self'>): Promise<TestedProject | null> {
  const { model, logic, mode, only, file, command } = testing
  if (only !== undefined && !isTestName(only)) return null
  const { folder } = logic
  const files = ownTestFiles(folder).filter((name) => only === undefined || only === NAME || only.startsWith(`${NAME}/${name}`))
  const ended = files.length === 0 ? null : notInstalled(folder)
  const run: OwnTestRun =
    files.length === 0 || ended !== null
      ? { ...NOT_RUN, files, ended }
      : await runOwnTests({
          ...{ folder, files, logic: logic.files, env: io.env },
          flags: nodeFlags(io.self.command),
          withinMs: WITHIN_MS[mode],
        })
  const report = ownTestsReport(run, {
    logic: new Map(logic.files.map((path) => [relativeTo(folder, path), readFileSync(path, 'utf8').split('\n').length])),
    named: logic.named.length,
    // What tests run is known only after all of them.
    untested: run.ended === null && (only === undefined || only === NAME) ? untestedLogic(logic, model, run) : [],
  })
  const claim = ownTestsClaim(run, { file, command, mayEnd: mode === 'quick' && only === undefined })
  return {
    claim,
    report,
    notTested: gapsOf(run, claim.result.verdict === 'not-tested'),
    isSmooth: report.failed === 0 && run.ended === null,
  }
}

const NOT_RUN: OwnTestRun = { files: [], tests: [], coverage: [], called: new Set(), ended: null, isLate: false, seconds: 0 }

/** Why tests cannot load their packages; null if they can. They would all fail, and say nothing about the backend. */
function notInstalled(folder: string): string | null {
  const [first, ...others] = missingPackages(folder)
  if (first === undefined) return null
  const what =
    others.length === 0 ? `${first} of package.json is` : `${first} and ${count(others.length, 'more package')} of package.json are`
  return `${what} not installed: run npm install in ${folder}`
}

/** What is open is no gap: the claim says why. */
function gapsOf({ files, tests, ended }: OwnTestRun, isLeftOut: boolean): readonly NotTested[] {
  const what = 'own tests'
  if (files.length === 0)
    return [
      { what, count: null, why: 'the folder of the design has no file *.test.ts; plinth scaffold writes first ones', kind: 'missing' },
    ]
  const empty = files.filter((file) => !tests.some((test) => test.file === file))
  return [
    ...(ended === null || !isLeftOut
      ? []
      : [{ what, count: null, why: `${ended}; without --quick they have more time`, kind: 'excluded' } as const]),
    ...(ended !== null || empty.length === 0
      ? []
      : [{ what: `own tests in ${empty.join(', ')}`, count: null, why: 'the file has no test', kind: 'missing' } as const]),
  ]
}

/** A line about the tests for the progress of a run. */
export function testsLine({ passed, failed, skipped, files }: OwnTestsReport): string {
  const more = [failed > 0 ? `${failed} failed` : '', skipped > 0 ? `${skipped} skipped` : ''].filter((text) => text !== '')
  return [`${passed} passed`, ...more, count(files.length, 'file')].join(', ')
}
