/** `plinth verify`: asks a running backend the questions that its design raises, and reports what it saw. */

import { availableParallelism, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { ownPackage } from '../embed/own-package.ts'
import { DEFAULT_PASSWORD_OPTIONS, openPasswords } from '../services/identity/passwords/passwords.ts'
import { answerBook } from '../verify/contract/answer-book.ts'
import type { WrittenDesign } from '../verify/expected/written-design.ts'
import { allCasesOf } from '../verify/families/all-cases.ts'
import { SAMPLE_PASSWORD } from '../verify/families/signing-in.ts'
import { accessMatrix } from '../verify/report/access-matrix.ts'
import { claimsOfRun } from '../verify/report/claims-of.ts'
import { compareReports, type EarlierReport } from '../verify/report/compare-reports.ts'
import { mutationClaim } from '../verify/report/mutation-claim.ts'
import { shellWord } from '../verify/report/repeat-command.ts'
import { type AskedThere, type RunFacts, reportOf, type ServedRole, type VerifyReport } from '../verify/report/report-of.ts'
import type { CaseResult } from '../verify/run/case-result.ts'
import { measureCode } from '../verify/run/measure-code.ts'
import { runCases } from '../verify/run/run-cases.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { loadDesign } from './setup/load-design.ts'
import { readDatabaseUrl } from './setup/settings.ts'
import type { Io, Outcome } from './terminal/command.ts'
import { UsageError } from './terminal/usage-error.ts'
import { type AgainstInput, verifyAgainst } from './verifying/against/verify-against.ts'
import { earlierReport } from './verifying/earlier-report.ts'
import { endVerify } from './verifying/end-verify.ts'
import { notTestedOf } from './verifying/not-tested.ts'
import { openStage } from './verifying/open-stage.ts'
import { chosen, noSuchCase, seedOf, shuffled } from './verifying/parts/choose-cases.ts'
import { designDigest, familyLine, line } from './verifying/parts/run-lines.ts'
import { isMutantName, plantMutants } from './verifying/plant-mutants.ts'
import { isOfProject, lookAtProject, needsBackend, projectParts } from './verifying/project.ts'
import { headline } from './verifying/report-text.ts'
import { supplyChain } from './verifying/supply-chain.ts'

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
}

/**
 * Verifies a design on a database that is thrown away. Exit code 0: every claim holds. 1: one fails or is undecided, nothing was tested, or
 * the design has errors.
 *
 * @throws UsageError without a design, for a wrong seed, and if `only` names no case; EnvironmentError if the backend cannot be started.
 */
export async function verify(given: VerifyInput, io: Io): Promise<Outcome> {
  const earlier = given.from === undefined ? null : earlierReport(given.from, io.cwd)
  const input = earlier === null ? given : repeated(given, earlier)
  const seed = seedOf(input.seed)
  if (isMutantName(input.only) && !input.mutants)
    throw new UsageError(`${input.only} names mutants`, `plant them: plinth verify --mutants --only ${input.only}`)
  if (input.against !== undefined && input.mutants)
    throw new UsageError('--mutants plants defects only in backends of verify itself', 'leave out --against or --mutants')
  const url = readDatabaseUrl({ ...io.env, NODE_ENV: undefined })
  const loaded = await loadDesign(input.design, io.cwd)
  const { model } = loaded
  if (model === null) return unusableDesign(loaded, io.style)
  const startedAt = new Date()
  const began = performance.now()
  const design = loaded.written as WrittenDesign
  if (input.against !== undefined) {
    const settings = { only: input.only, seed, mode: input.mode, allow: input.allow, out: input.out, earlier, from: given.from }
    return verifyAgainst(input.against, { ...settings, model, design, loaded, named: input.design }, io)
  }
  const passwordHash = await openPasswords(DEFAULT_PASSWORD_OPTIONS).hash(SAMPLE_PASSWORD)
  const plan = allCasesOf(design, model, passwordHash)
  const only = isMutantName(input.only) ? undefined : input.only
  const [cases, probes] = [chosen(plan.cases, only), chosen(plan.probes, only)]
  if (only !== undefined && !isOfProject(only) && cases.length + probes.length === 0)
    throw noSuchCase([...plan.cases, ...plan.probes], only)
  const origin = { file: loaded.file, commandFor: commandFor(input, seed) }
  const onDone = (name: string, text: string, ms: number): void => io.observe({ kind: 'verifying', line: line(name, text, ms) })
  const project = await lookAtProject({ loaded, model, mode: input.mode, only, commandFor: origin.commandFor, onDone }, io)
  const factsOf = (postgres: string, role: ServedRole | null): Omit<RunFacts, 'seconds'> => ({
    design: { name: model.name, file: loaded.file, sha256: designDigest(loaded.files) },
    plinth: ownPackage().version,
    seed,
    mode: input.mode,
    only: input.only ?? null,
    machine: machineOf(postgres),
    role,
    against: null,
    startedAt: startedAt.toISOString(),
  })
  const secondsSoFar = (): number => Math.round((performance.now() - began) / 100) / 10
  if (!needsBackend(only, model)) {
    const parts = projectParts(project, null, origin)
    const others = notTestedOf({
      model,
      plan,
      asked: 0,
      unprovoked: [],
      stage: { role: { ordinary: true, owns: 0, powers: [] } },
      mutants: false,
    })
    const facts = { ...factsOf('not used', null), seconds: secondsSoFar() }
    const report = reportOf({
      model,
      results: [],
      facts,
      ...parts,
      notTested: [...parts.notTested, ...others],
      accepted: 0,
      matrix: [],
      mutants: null,
    })
    return endVerify(report, { out: input.out, allow: input.allow, io })
  }
  const supply =
    only === undefined
      ? await supplyChain({
          folder: dirname(loaded.path),
          cwd: io.cwd,
          env: io.env,
          command: commandFor(input, seed)('').replace(/ --only ''/, ''),
        })
      : null
  const stage = await openStage({
    model,
    design: loaded.path,
    folder: dirname(loaded.path),
    databaseUrl: url,
    env: io.env,
    cwd: io.cwd,
    program: programOf(io),
    instances: probes.some(({ claim }) => IN_PARALLEL.test(claim)) ? 2 : 1,
  })
  try {
    const facts = factsOf(stage.postgres, stage.role)
    io.observe({ kind: 'verifying', line: headline(facts, model.entities.length, cases.length + probes.length) })
    io.observe({
      kind: 'verifying',
      line: line('set up', 'a database of its own, the backend as in production', performance.now() - began),
    })
    const asked = performance.now()
    const book = answerBook(model)
    const order = { cases: shuffled(cases, seed), probes: shuffled(probes, seed) }
    const results = await runCases(stage.stage, { design, model, plan, ...order, book })
    for (const [family, own] of Map.groupBy(results, (result) => result.case.claim.split('/')[0] ?? ''))
      io.observe({ kind: 'verifying', line: familyLine(family, own) })
    io.observe({ kind: 'verifying', line: line('asked', `${results.length} cases`, performance.now() - asked) })
    const measured = project.review === null ? null : await measureCode(stage.stage, { design, model, plan, passwordHash })
    const parts = projectParts(project, measured, origin)
    const mutants = input.mutants
      ? await plantMutants({
          ...{ model, design, plan, questions: [...cases, ...probes], results, only: input.only },
          folder: dirname(loaded.path),
          databaseUrl: url,
          onMutant: (_, done, total) => {
            if (done % 50 === 0)
              io.observe({ kind: 'verifying', line: line('mutants', `${done} of ${total} planted`, performance.now() - asked) })
          },
        })
      : null
    // The review has claims of its own.
    const claims = isOfProject(only)
      ? []
      : claimsOfRun({ ...plan, families: [...plan.families, ...book.plans()] }, results, {
          file: loaded.file,
          lineOf: loaded.lineOf ?? (() => null),
          commandFor: commandFor(input, seed),
        })
    const report = reportOf({
      model,
      results,
      facts: { ...facts, seconds: secondsSoFar() },
      claims: [
        ...claims,
        ...parts.claims,
        ...(supply?.claims ?? []),
        ...(mutants === null ? [] : [mutationClaim(mutants, { file: loaded.file, command: commandFor(input, seed)('mutants') })]),
      ],
      notTested: [
        ...parts.notTested,
        ...(supply?.notTested ?? []),
        ...notTestedOf({
          model,
          plan,
          asked: cases.length + probes.length,
          unprovoked: book.left(),
          stage,
          mutants: mutants !== null,
        }),
      ],
      accepted: acceptedOf(results),
      matrix: accessMatrix(model, plan, results),
      mutants,
      tests: parts.tests ?? null,
      review: parts.review ?? null,
    })
    const compared = earlier === null || given.from === undefined ? null : compareReports(given.from, earlier, report)
    return endVerify({ ...report, compared }, { out: input.out, allow: input.allow, io, sbom: supply?.sbom ?? null })
  } finally {
    await stage.close()
  }
}

/** Families that ask two instances. */
const IN_PARALLEL = /^(races|identity|security\/F103)\//

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

/** The environment of the earlier run, unless another one is given. Tokens are in no report. */
function againstOf({ against: given }: VerifyInput, earlier: AskedThere | null): AgainstInput | undefined {
  if (earlier === null || (given !== undefined && given.url !== '')) return given
  return { tokens: [], perSecond: undefined, ...given, url: earlier.url }
}

/** The program that runs this command, without the command. */
function programOf({ self }: Io): readonly string[] {
  const at = self.command.indexOf('verify')
  return at === -1 ? self.command : self.command.slice(0, at)
}

function machineOf(postgres: string): VerifyReport['machine'] {
  return { cores: availableParallelism(), memoryMb: Math.round(totalmem() / 1024 / 1024), node: process.versions.node, postgres }
}

function acceptedOf(results: readonly CaseResult[]): number {
  return results.filter((one) => one.case.claim.startsWith('access/') && one.wrong === null && one.status >= 200 && one.status < 300).length
}

function commandFor({ design, mode }: VerifyInput, seed: number): (name: string) => string {
  return (name) => {
    const options = [...(mode === 'quick' ? ['--quick'] : []), ...(isMutantName(name) ? ['--mutants'] : [])]
    const words = [...(design === undefined ? [] : [shellWord(design)]), ...options, '--only', shellWord(name)]
    return ['plinth verify', ...words, '--seed', String(seed)].join(' ')
  }
}
