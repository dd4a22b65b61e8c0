/** `plinth verify`: asks a running backend the questions that its design raises, and reports what it saw. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { ownPackage } from '../embed/own-package.ts'
import { DEFAULT_PASSWORD_OPTIONS, openPasswords } from '../services/identity/passwords/passwords.ts'
import type { NamedCase } from '../verify/cases/case.ts'
import { answerBook } from '../verify/contract/answer-book.ts'
import type { WrittenDesign } from '../verify/expected/written-design.ts'
import { allCasesOf } from '../verify/families/all-cases.ts'
import { SAMPLE_PASSWORD } from '../verify/families/signing-in.ts'
import { accessMatrix } from '../verify/report/access-matrix.ts'
import { claimsOf } from '../verify/report/claims-of.ts'
import { compareReports, type EarlierReport } from '../verify/report/compare-reports.ts'
import { mutationClaim } from '../verify/report/mutation-claim.ts'
import { shellWord } from '../verify/report/repeat-command.ts'
import { type RunFacts, reportOf, type VerifyReport } from '../verify/report/report-of.ts'
import type { CaseResult } from '../verify/run/case-result.ts'
import { measureCode } from '../verify/run/measure-code.ts'
import { runCases } from '../verify/run/run-cases.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { loadDesign } from './setup/load-design.ts'
import { readDatabaseUrl } from './setup/settings.ts'
import type { Io, Outcome } from './terminal/command.ts'
import { UsageError } from './terminal/usage-error.ts'
import { earlierReport } from './verifying/earlier-report.ts'
import { endVerify } from './verifying/end-verify.ts'
import { notTestedOf } from './verifying/not-tested.ts'
import { openStage } from './verifying/open-stage.ts'
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
  /** Verdicts that do not fail the run. */
  readonly allow: readonly string[]
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
  const url = readDatabaseUrl({ ...io.env, NODE_ENV: undefined })
  const loaded = await loadDesign(input.design, io.cwd)
  const { model } = loaded
  if (model === null) return unusableDesign(loaded, io.style)
  const startedAt = new Date()
  const began = performance.now()
  const design = loaded.written as WrittenDesign
  const passwordHash = await openPasswords(DEFAULT_PASSWORD_OPTIONS).hash(SAMPLE_PASSWORD)
  const plan = allCasesOf(design, model, passwordHash)
  const only = isMutantName(input.only) ? undefined : input.only
  const [cases, probes] = [chosen(plan.cases, only), chosen(plan.probes, only)]
  if (only !== undefined && !isOfProject(only) && cases.length + probes.length === 0)
    throw noSuchCase([...plan.cases, ...plan.probes], only)
  const origin = { file: loaded.file, commandFor: commandFor(input, seed) }
  const onDone = (name: string, text: string, ms: number): void => io.observe({ kind: 'verifying', line: line(name, text, ms) })
  const project = await lookAtProject({ loaded, model, mode: input.mode, only, commandFor: origin.commandFor, onDone }, io)
  const factsOf = (postgres: string): Omit<RunFacts, 'seconds'> => ({
    design: { name: model.name, file: loaded.file, sha256: hashOf(loaded.files) },
    plinth: ownPackage().version,
    seed,
    mode: input.mode,
    only: input.only ?? null,
    machine: machineOf(postgres),
    startedAt: startedAt.toISOString(),
  })
  const secondsSoFar = (): number => Math.round((performance.now() - began) / 100) / 10
  if (!needsBackend(only, model)) {
    const parts = projectParts(project, null, origin)
    const others = notTestedOf({ model, plan, asked: 0, unprovoked: [], stage: { ordinaryRole: true }, mutants: false })
    const facts = { ...factsOf('not used'), seconds: secondsSoFar() }
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
    const facts = factsOf(stage.postgres)
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
      : claimsOf({ ...plan, families: [...plan.families, ...book.plans()] }, results, {
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
function repeated(given: VerifyInput, { design, seed, mode, only, mutants }: EarlierReport): VerifyInput {
  return {
    ...given,
    design: given.design ?? design.file,
    seed: given.seed ?? String(seed),
    mode: given.mode === 'quick' ? 'quick' : mode,
    only: given.only ?? only ?? undefined,
    mutants: given.mutants || mutants !== null,
  }
}

function line(name: string, text: string, ms: number): string {
  return `  ${name.padEnd(12)}  ${text.padEnd(52)} ${(ms / 1_000).toFixed(1)} s`
}

function familyLine(family: string, own: readonly CaseResult[]): string {
  const passed = own.filter(({ wrong }) => wrong === null)
  return line(
    family,
    `${passed.length} of ${own.length} cases`,
    own.reduce((sum, { ms }) => sum + ms, 0),
  )
}

/** @throws UsageError for a text that is no whole number. */
function seedOf(text: string | undefined): number {
  if (text === undefined) return 1
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new UsageError(`--seed ${text} is not a whole number`, 'write up to nine digits: plinth verify --seed 7')
}

/** The questions whose names begin with a text. */
function chosen<Q extends NamedCase>(questions: readonly Q[], only: string | undefined): readonly Q[] {
  if (only === undefined) return questions
  return questions.filter(({ name }) => name === only || name.startsWith(`${only}/`) || name.startsWith(`${only}.`))
}

function noSuchCase(questions: readonly NamedCase[], only: string): UsageError {
  const claims = [...new Set(questions.map(({ claim }) => claim))].slice(0, 8)
  return new UsageError(`no case is named ${only}`, `names begin with ${claims.length === 0 ? 'access/' : claims.join(', ')}`)
}

/** Cases in an order that the seed decides, so that no case depends on another. */
function shuffled<T>(cases: readonly T[], seed: number): readonly T[] {
  let state = seed
  const order = [...cases]
  for (let i = order.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const j = state % (i + 1)
    const [a, b] = [order[i], order[j]]
    if (a !== undefined && b !== undefined) [order[i], order[j]] = [b, a]
  }
  return order
}

/** The program that runs this command, without the command. */
function programOf({ self }: Io): readonly string[] {
  const at = self.command.indexOf('verify')
  return at === -1 ? self.command : self.command.slice(0, at)
}

function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file)).update('\0')
  return hash.digest('hex')
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
