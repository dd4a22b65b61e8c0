/** `plinth verify`: asks a running backend the questions that its design raises, and reports what it saw. */

import { dirname } from 'node:path'
import type { WrittenDesign } from '../verify/expected/written-design.ts'
import { isMutantName } from '../verify/mutants/mutant.ts'
import { compareReports } from '../verify/report/compare-reports.ts'
import { shellWord } from '../verify/report/repeat-command.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { loadDesign } from './setup/load-design.ts'
import { readDatabaseUrl } from './setup/settings/settings.ts'
import type { Io, Outcome } from './terminal/command.ts'
import { UsageError } from './terminal/usage-error.ts'
import { verifyAgainst } from './verifying/against/verify-against.ts'
import { askBackend, programOf, type Reported, reportWithoutBackend } from './verifying/ask-backend.ts'
import { earlierReport } from './verifying/earlier-report.ts'
import { checkReportFolder, endVerify } from './verifying/end-verify.ts'
import { measureLoads } from './verifying/load/measure-loads.ts'
import { otherBuild } from './verifying/load/other-build.ts'
import { partOf, seedOf } from './verifying/parts/choose-cases.ts'
import { isPerformanceName, NO_LOAD, refuseLoad } from './verifying/parts/measured-performance.ts'
import { line } from './verifying/parts/run-lines.ts'
import { refuseNoEnvironment, repeated, type VerifyInput } from './verifying/parts/verify-input.ts'
import { planRun } from './verifying/planned-run.ts'
import { isAboutProject, type LookedAtProject, lookAtProject, needsBackend } from './verifying/project.ts'

/**
 * Verifies a design on a database that is thrown away. Exit code 0: every claim holds. 1: one fails or is undecided, nothing was tested, or
 * the design has errors.
 *
 * @throws UsageError without a design, for a wrong option, and if `only` names no case; EnvironmentError if the backend cannot be started,
 *   or the report cannot be written.
 */
export async function verify(given: VerifyInput, io: Io): Promise<Outcome> {
  const earlier = given.from === undefined ? null : earlierReport(given.from, io.cwd)
  const input = earlier === null ? given : repeated(given, earlier)
  const seed = seedOf(input.seed)
  refuseMutants(input)
  refuseNoEnvironment(input)
  const load = input.load ?? NO_LOAD
  refuseLoad(load, { mode: input.mode, only: input.only, isElsewhere: input.against !== undefined })
  checkReportFolder(input.out, io.cwd)
  const databaseUrl = readDatabaseUrl({ ...io.env, NODE_ENV: undefined })
  const loaded = await loadDesign(input.design, io.cwd)
  const { model } = loaded
  if (model === null) return unusableDesign(loaded, io.style)
  const { only, mode, mutants, allow, out } = input
  if (input.against !== undefined) {
    const settings = { only, seed, mode, allow, out, earlier, from: given.from }
    const design = loaded.written as WrittenDesign
    return verifyAgainst(input.against, { ...settings, model, design, loaded, named: input.design }, io)
  }
  const program = programOf(io)
  const other = load.againstBuild === undefined ? null : await otherBuild(load.againstBuild, { loaded, cwd: io.cwd, program })
  const run = await planRun(loaded, model, { mode, only, seed, mutants, load, commandFor: commandFor(input, seed) })
  const onDone = (name: string, text: string, ms: number): void => io.observe({ kind: 'verifying', line: line(name, text, ms) })
  const look = (before?: LookedAtProject) => lookAtProject({ loaded, model, mode, only, commandFor: run.commandFor, onDone, before }, io)
  const measureLoad = () =>
    measureLoads(
      {
        stage: { ...{ model, design: loaded.path, folder: dirname(loaded.path), databaseUrl }, ...{ env: io.env, cwd: io.cwd, program } },
        ...run,
        ...{ load, file: loaded.file, onDone },
      },
      other,
    )
  const { report, sbom }: Reported = needsBackend(only, model)
    ? await askBackend(run, { look, databaseUrl, io, measureLoad })
    : { report: reportWithoutBackend(run, await look(), await measureLoad()), sbom: null }
  const compared = earlier === null || given.from === undefined ? null : compareReports(given.from, earlier, report)
  return endVerify({ ...report, compared }, { out, allow, io, sbom })
}

/** @throws UsageError for options about mutants that exclude each other. */
function refuseMutants({ only, mutants, against }: VerifyInput): void {
  partOf(only)
  if (isMutantName(only) && !mutants) throw new UsageError(`${only} names mutants`, `plant them: plinth verify --mutants --only ${only}`)
  if (mutants && against !== undefined)
    throw new UsageError('--mutants plants defects only in backends of verify itself', 'leave out --against or --mutants')
  if (mutants && isAboutProject(only)) throw new UsageError(`no case of ${only} notices mutants`, 'leave out --only or --mutants')
}

function commandFor({ design, mode, load }: VerifyInput, seed: number): (name: string | null) => string {
  return (name) => {
    const loads = [
      ...(load?.rows === undefined ? [] : ['--load-rows', shellWord(load.rows)]),
      ...(load?.seconds === undefined ? [] : ['--load-seconds', shellWord(load.seconds)]),
      ...(load?.againstBuild === undefined ? [] : ['--against-build', shellWord(load.againstBuild)]),
    ]
    const options = [
      ...(mode === 'quick' ? ['--quick'] : []),
      ...(name !== null && isMutantName(name) ? ['--mutants'] : []),
      ...(name === null || isPerformanceName(name) ? loads : []),
    ]
    const chosen = name === null ? [] : ['--only', shellWord(name)]
    return ['plinth verify', ...(design === undefined ? [] : [shellWord(design)]), ...options, ...chosen, '--seed', String(seed)].join(' ')
  }
}
