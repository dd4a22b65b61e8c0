/** `plinth verify`: asks a running backend the questions that its design raises, and reports what it saw. */

import { dirname } from 'node:path'
import type { WrittenDesign } from '../verify/expected/written-design.ts'
import { isMutantName } from '../verify/mutants/mutant.ts'
import { compareReports, type EarlierReport } from '../verify/report/compare-reports.ts'
import { shellWord } from '../verify/report/repeat-command.ts'
import type { AskedThere } from '../verify/report/report-of.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { loadDesign } from './setup/load-design.ts'
import { readDatabaseUrl } from './setup/settings.ts'
import type { Io, Outcome } from './terminal/command.ts'
import { UsageError } from './terminal/usage-error.ts'
import { type AgainstInput, verifyAgainst } from './verifying/against/verify-against.ts'
import { askBackend, programOf, type Reported, reportWithoutBackend } from './verifying/ask-backend.ts'
import { earlierReport } from './verifying/earlier-report.ts'
import { checkReportFolder, endVerify } from './verifying/end-verify.ts'
import { measurePerformance } from './verifying/load/measure-performance.ts'
import { partOf, seedOf } from './verifying/parts/choose-cases.ts'
import { isPerformanceName, type LoadInput, refuseLoad } from './verifying/parts/measured-performance.ts'
import { line } from './verifying/parts/run-lines.ts'
import { planRun } from './verifying/planned-run.ts'
import { isAboutProject, type LookedAtProject, lookAtProject, needsBackend } from './verifying/project.ts'

/** The arguments and options of the command. */
export interface VerifyInput {
  readonly design: string | undefined
  readonly mode: 'quick' | 'full'
  /** The beginning of the names of the cases to run; undefined for all. */
  readonly only: string | undefined
  readonly seed: string | undefined
  /** The report of the run to repeat; undefined for a run of its own. */
  readonly from: string | undefined
  /** The folder of the report; `verify` in the working directory unless given. */
  readonly out: string | undefined
  /** Whether defects are planted, to see whether the cases notice them. */
  readonly mutants: boolean
  /** Verdicts that do not fail the run; `writes` lets cases send requests that write to another environment. */
  readonly allow: readonly string[]
  /** Another environment to ask; a database of its own unless given. */
  readonly against?: AgainstInput | undefined
  /** How much load; as the design expects unless given. */
  readonly load?: LoadInput
}

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
  refuseLoad(input.load ?? NO_LOAD, { mode: input.mode, only: input.only, isElsewhere: input.against !== undefined })
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
  const run = await planRun(loaded, model, { mode, only, seed, mutants, commandFor: commandFor(input, seed) })
  const onDone = (name: string, text: string, ms: number): void => io.observe({ kind: 'verifying', line: line(name, text, ms) })
  const look = (before?: LookedAtProject) => lookAtProject({ loaded, model, mode, only, commandFor: run.commandFor, onDone, before }, io)
  const measureLoad = () =>
    measurePerformance({
      stage: {
        ...{ model, design: loaded.path, folder: dirname(loaded.path), databaseUrl },
        ...{ env: io.env, cwd: io.cwd, program: programOf(io) },
      },
      ...run,
      ...{ load: input.load ?? NO_LOAD, file: loaded.file, onDone },
    })
  const { report, sbom }: Reported = needsBackend(only, model)
    ? await askBackend(run, { look, databaseUrl, io, measureLoad })
    : { report: reportWithoutBackend(run, await look(), await measureLoad()), sbom: null }
  const compared = earlier === null || given.from === undefined ? null : compareReports(given.from, earlier, report)
  return endVerify({ ...report, compared }, { out, allow, io, sbom })
}

const NO_LOAD: LoadInput = { rows: undefined, seconds: undefined }

/** @throws UsageError for options about mutants that exclude each other. */
function refuseMutants({ only, mutants, against }: VerifyInput): void {
  partOf(only)
  if (isMutantName(only) && !mutants) throw new UsageError(`${only} names mutants`, `plant them: plinth verify --mutants --only ${only}`)
  if (mutants && against !== undefined)
    throw new UsageError('--mutants plants defects only in backends of verify itself', 'leave out --against or --mutants')
  if (mutants && isAboutProject(only)) throw new UsageError(`no case of ${only} notices mutants`, 'leave out --only or --mutants')
}

/** The options of the earlier run, unless others are given. */
function repeated(given: VerifyInput, { design, seed, mode, only, mutants, against }: EarlierReport): VerifyInput {
  return {
    ...given,
    design: given.design ?? design.file,
    seed: given.seed ?? String(seed),
    mode: given.mode === 'quick' ? 'quick' : mode,
    only: given.only ?? only ?? undefined,
    mutants: given.mutants || mutants !== null,
    against: againstOf(given, against ?? null),
  }
}

/** The environment of the earlier run and its rate, unless others are given. Tokens are in no report. */
function againstOf({ against: given }: VerifyInput, earlier: AskedThere | null): AgainstInput | undefined {
  if (earlier === null || (given !== undefined && given.url !== '')) return given
  return { tokens: given?.tokens ?? [], perSecond: given?.perSecond ?? String(earlier.perSecond), url: earlier.url }
}

function commandFor({ design, mode, load }: VerifyInput, seed: number): (name: string | null) => string {
  return (name) => {
    const loads = [
      ...(load?.rows === undefined ? [] : ['--load-rows', shellWord(load.rows)]),
      ...(load?.seconds === undefined ? [] : ['--load-seconds', shellWord(load.seconds)]),
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
