/** `plinth verify`: asks a running backend the questions that its design raises, and reports what it saw. */

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { ownPackage } from '../embed/own-package.ts'
import { DEFAULT_PASSWORD_OPTIONS, openPasswords } from '../services/identity/passwords/passwords.ts'
import type { NamedCase } from '../verify/cases/case.ts'
import { answerBook } from '../verify/contract/answer-book.ts'
import type { WrittenDesign } from '../verify/expected/written-design.ts'
import { allCasesOf } from '../verify/families/all-cases.ts'
import { SAMPLE_PASSWORD } from '../verify/families/signing-in.ts'
import { claimsOf } from '../verify/report/claims-of.ts'
import { junitOf } from '../verify/report/junit.ts'
import { reportOf, type VerifyReport } from '../verify/report/report-of.ts'
import type { CaseResult } from '../verify/run/case-result.ts'
import { runCases } from '../verify/run/run-cases.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { loadDesign } from './setup/load-design.ts'
import { readDatabaseUrl } from './setup/settings.ts'
import type { Io, Outcome } from './terminal/command.ts'
import { count } from './terminal/layout.ts'
import { UsageError } from './terminal/usage-error.ts'
import { notTestedOf } from './verifying/not-tested.ts'
import { type OpenStage, openStage } from './verifying/open-stage.ts'
import { headline, reportText } from './verifying/report-text.ts'

/** The arguments and options of the command. */
export interface VerifyInput {
  readonly design: string | undefined
  readonly mode: 'quick' | 'full'
  /** The beginning of the names of the cases to run; undefined for all. */
  readonly only: string | undefined
  readonly seed: string | undefined
  /** The folder of the report; `verify` in the working directory unless given. */
  readonly out: string | undefined
  /** Verdicts that do not fail the run. */
  readonly allow: readonly string[]
}

/**
 * Verifies a design on a database that is thrown away. Exit code 0: every claim holds. 1: one fails or is undecided, nothing was tested, or
 * the design has errors.
 *
 * @throws UsageError without a design, for a wrong seed, and if `only` names no case; EnvironmentError if the backend cannot be started.
 */
export async function verify(input: VerifyInput, io: Io): Promise<Outcome> {
  const seed = seedOf(input.seed)
  const url = readDatabaseUrl({ ...io.env, NODE_ENV: undefined })
  const loaded = await loadDesign(input.design, io.cwd)
  const { model } = loaded
  if (model === null) return unusableDesign(loaded, io.style)
  const startedAt = new Date()
  const began = performance.now()
  const design = loaded.written as WrittenDesign
  const passwordHash = await openPasswords(DEFAULT_PASSWORD_OPTIONS).hash(SAMPLE_PASSWORD)
  const plan = allCasesOf(design, model, passwordHash)
  const [cases, probes] = [chosen(plan.cases, input.only), chosen(plan.probes, input.only)]
  if (input.only !== undefined && cases.length + probes.length === 0) throw noSuchCase([...plan.cases, ...plan.probes], input.only)
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
    const facts = {
      design: { name: model.name, file: loaded.file, sha256: hashOf(loaded.files) },
      plinth: ownPackage().version,
      seed,
      mode: input.mode,
      only: input.only ?? null,
      machine: machineOf(stage),
      startedAt: startedAt.toISOString(),
    }
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
    const report = reportOf({
      facts: { ...facts, seconds: Math.round((performance.now() - began) / 100) / 10 },
      claims: claimsOf({ ...plan, families: [...plan.families, ...book.plans()] }, results, {
        file: loaded.file,
        lineOf: loaded.lineOf ?? (() => null),
        commandFor: commandFor(input, seed),
      }),
      notTested: notTestedOf({ model, plan, asked: cases.length + probes.length, unprovoked: book.left(), stage }),
      accepted: acceptedOf(results),
    })
    return outcomeOf(report, { input, io })
  } finally {
    await stage.close()
  }
}

/** Families that ask two instances. */
const IN_PARALLEL = /^(races|identity)\//

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

function machineOf({ postgres }: OpenStage): VerifyReport['machine'] {
  return { cores: availableParallelism(), memoryMb: Math.round(totalmem() / 1024 / 1024), node: process.versions.node, postgres }
}

function acceptedOf(results: readonly CaseResult[]): number {
  return results.filter((one) => one.case.claim.startsWith('access/') && one.wrong === null && one.status >= 200 && one.status < 300).length
}

function commandFor({ design }: VerifyInput, seed: number): (name: string) => string {
  return (name) => ['plinth verify', ...(design === undefined ? [] : [design]), '--only', name, '--seed', String(seed)].join(' ')
}

interface Ending {
  readonly input: VerifyInput
  readonly io: Io
}

/** Writes the report and gives the exit code. */
function outcomeOf(report: VerifyReport, { input, io }: Ending): Outcome {
  const folder = resolve(io.cwd, input.out ?? 'verify')
  mkdirSync(folder, { recursive: true })
  const files = { 'report.json': `${JSON.stringify(report, null, 2)}\n`, 'junit.xml': junitOf(report) }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const paths = Object.keys(files).map((name) => relative(io.cwd, join(folder, name)))
  const text = reportText(report, io.style, paths)
  if (report.verdict === 'holds' || input.allow.includes(report.verdict)) return { exit: 0, data: report, text }
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
