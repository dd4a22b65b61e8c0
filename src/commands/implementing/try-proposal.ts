/** Runs the tests of a trial, and the parts of `plinth verify` about what was written. This executes the proposed code. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { VerifyReport } from '../../verify/report/report-of.ts'
import type { Environment } from '../terminal/environment.ts'
import { runGroup } from '../verifying/review/run-group.ts'
import { withoutModel } from './model-settings.ts'
import { type MissingCode, partsToVerify } from './pieces.ts'
import { type Trial, withoutTrial } from './trial.ts'

const WITHIN_MS = 900_000
const MOST_TEXT = 1_000_000
const MOST_EVIDENCE = 3

/** What runs a trial. */
export interface TrialRunner {
  /** The program and the arguments that run `plinth`, without a command. */
  readonly program: readonly string[]
  readonly env: Environment
  /** Hears what is done. */
  readonly onStep: (text: string) => void
}

/** What was run, and what was seen. */
export interface Tried {
  /** What does not hold, as sentences for the model. */
  readonly problems: readonly string[]
  /** What was verified: a name of `--only`, with its verdict. */
  readonly verified: readonly { readonly only: string; readonly verdict: string; readonly cases: number }[]
}

/** Tries a proposal. It stops at the first part that does not hold. */
export async function tryProposal(trial: Trial, pieces: readonly MissingCode[], runner: TrialRunner): Promise<Tried> {
  const verified: Tried['verified'][number][] = []
  for (const only of partsToVerify(pieces)) {
    runner.onStep(only === 'tests' ? 'running the tests of the project' : `verifying ${only}`)
    const report = await verifyPart(trial, only, runner)
    if (typeof report === 'string') return { problems: [withoutTrial(report, trial)], verified }
    if (report === null) continue
    verified.push({ only, verdict: report.verdict, cases: report.tests === null ? report.totals.cases : report.tests.passed })
    const problems = [...failures(report), ...(only === 'tests' ? untested(report, pieces) : [])]
    if (problems.length > 0) return { problems: problems.map((one) => withoutTrial(one, trial)), verified }
  }
  return { problems: [], verified }
}

/** The report of a part; null if no case is about it; a sentence if there is no report. */
async function verifyPart(trial: Trial, only: string, { program, env }: TrialRunner): Promise<VerifyReport | string | null> {
  const out = join(trial.root, '.plinth/try', only.replaceAll('/', '-'))
  const [file = '', ...args] = [
    ...program,
    'verify',
    trial.design,
    ...(only === 'tests' ? [] : ['--quick']),
    '--only',
    only,
    '--out',
    out,
    '--json',
  ]
  const { code, cut, output, errors } = await runGroup({
    ...{ program: file, args, cwd: trial.root, withinMs: WITHIN_MS, mostText: MOST_TEXT * 50 },
    env: withoutModel(env),
  })
  const report = join(out, 'report.json')
  if (existsSync(report)) return JSON.parse(readFileSync(report, 'utf8'))
  const said = `${output}\n${errors}`.trim()
  if (code === 2 && said.includes('no case is named')) return null
  return `plinth verify --only ${only} ended without a report: ${cut ?? said.slice(-MOST_TEXT / 500)}`
}

function failures({ claims }: VerifyReport): readonly string[] {
  return claims
    .filter(({ result }) => result.verdict === 'fails')
    .flatMap(({ id, evidence }) => {
      const wrong = evidence.flatMap((one) => (one.wrong === null ? [] : [`${one.case}: ${one.wrong}`]))
      return wrong.length === 0 ? [`${id} fails`] : wrong.slice(0, MOST_EVIDENCE)
    })
}

/** What no test runs: it would be written without having been run. */
function untested({ tests }: VerifyReport, pieces: readonly MissingCode[]): readonly string[] {
  const open = (tests?.untested ?? []).filter(({ kind, name }) => pieces.some((one) => one.kind === kind && one.name === name))
  const ended = tests === null || tests.ended === null ? [] : [`it is not known whether the tests pass: ${tests.ended}`]
  return [...ended, ...open.map(({ kind, name, file }) => `no test runs the ${kind} ${name}: write one, such as ${file}`)]
}
