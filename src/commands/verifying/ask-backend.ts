/** Asks a backend what was planned, and makes the report; also where the chosen cases need no backend. */

import { availableParallelism, hostname } from 'node:os'
import { dirname } from 'node:path'
import { answerBook } from '../../verify/contract/answer-book.ts'
import { ruleTexts } from '../../verify/expected/written-design.ts'
import type { MutationScore } from '../../verify/mutants/run/score.ts'
import { accessMatrix } from '../../verify/report/access-matrix.ts'
import { claimsOfRun } from '../../verify/report/claims-of.ts'
import { mutationClaim } from '../../verify/report/mutation-claim.ts'
import { reportOf, type VerifyReport } from '../../verify/report/report-of.ts'
import type { CaseResult } from '../../verify/run/case-result.ts'
import { measureCode } from '../../verify/run/measure-code.ts'
import { asksInstances, runCases } from '../../verify/run/run-cases.ts'
import type { Io } from '../terminal/command.ts'
import { askMessages } from './messages/ask-messages.ts'
import { notTestedOf } from './not-tested.ts'
import { openStages } from './open-stages.ts'
import { shuffled } from './parts/choose-cases.ts'
import type { MeasuredPerformance } from './parts/measured-performance.ts'
import { familyLines, line, runningText } from './parts/run-lines.ts'
import { factsOf, type PlannedRun } from './planned-run.ts'
import { plantMutants } from './plant-mutants.ts'
import { isAboutProject, type LookedAtProject, projectParts } from './project.ts'
import { headline } from './report-text.ts'
import { supplyChain } from './supply-chain.ts'

/** A report, and the list of components in CycloneDX; null if none was made. */
export interface Reported {
  readonly report: VerifyReport
  readonly sbom: string | null
}

/** What is known besides the plan. */
export interface Asking {
  /** Looks at the project; with what was seen before, runs only its tests again. */
  readonly look: (before?: LookedAtProject) => Promise<LookedAtProject>
  /** The address of a database on a server whose role may create databases; null for an embedded server. */
  readonly databaseUrl: string | null
  readonly io: Io
  /** Measures the performance, after everything else was asked. */
  readonly measureLoad: () => Promise<MeasuredPerformance>
}

/** The running line changes at most so often. */
const RUNNING_MS = 200

/** From so many cases on, a second backend is worth its start. */
const MANY_CASES = 200

/** The report of a run without cases: own tests alone, a review of code that no request runs, or measurements. */
export function reportWithoutBackend(run: PlannedRun, project: LookedAtProject, load: MeasuredPerformance): VerifyReport {
  const { model, plan, only } = run
  const parts = projectParts(project, null, { file: run.loaded.file, commandFor: run.commandFor })
  const others = notTestedOf({ model, plan, asked: 0, unprovoked: [], role: 'not-served', mutants: false, only })
  const facts = factsOf(run, load.postgres ?? 'not used', null)
  return reportOf({
    ...{ model, results: [], facts, accepted: 0, matrix: [], mutants: null },
    ...parts,
    ...{ performance: load.performance, builds: load.builds },
    claims: [...parts.claims, ...load.claims],
    notTested: [...load.notTested, ...others, ...parts.notTested],
  })
}

/** Sets a backend up, asks it and ends it. @throws EnvironmentError if it cannot be started; UsageError if `only` names no mutant. */
export async function askBackend(run: PlannedRun, { look, databaseUrl, io, measureLoad }: Asking): Promise<Reported> {
  const { model, design, plan, loaded, cases, probes, messages, seed, passwordHash, commandFor } = run
  const count = cases.length + probes.length + messages.length
  const folder = dirname(loaded.path)
  const tell = (text: string): void => io.observe({ kind: 'verifying', line: text })
  const supplying = run.only === undefined ? supplyChain({ folder, cwd: io.cwd, env: io.env, command: commandFor(null) }) : null
  const tellNow = (text: string): void => io.observe({ kind: 'running', text })
  tellNow(`  ${'setting up'.padEnd(12)}  databases and the backend`)
  const served = { model, design: loaded.path, folder, databaseUrl, env: io.env, cwd: io.cwd, program: programOf(io) }
  const looking = look()
  // They are awaited below. If the backend does not start, that is what the command says.
  for (const meanwhile of [supplying, looking]) meanwhile?.catch(() => {})
  const stage = await openStages({
    ...served,
    instances: probes.some(asksInstances) ? 2 : 1,
    further: availableParallelism() > 1 && count >= MANY_CASES ? 1 : 0,
  })
  const sending = askMessages({ ...served, written: design, plan, cases: messages })
  try {
    tell(headline(factsOf(run, stage.postgres, stage.role), model.entities.length))
    tell(line('set up', 'a database of its own, the backend as in production', performance.now() - run.began))
    const asked = performance.now()
    let told = 0
    const onResult = (_: CaseResult, done: number): void => {
      const now = performance.now()
      if (now - told < RUNNING_MS) return
      told = now
      tellNow(runningText(done, cases.length + probes.length, now - asked))
    }
    const book = answerBook(model, { rules: ruleTexts(design), machine: hostname(), isAlone: true })
    const order = { cases: shuffled(cases, seed), probes: shuffled(probes, seed) }
    const answered = await runCases(stage.stage, { design, model, plan, ...order, book, further: stage.further, onResult })
    const results = [...answered, ...(await sending)]
    for (const text of familyLines(results)) tell(text)
    tell(line('asked', 'all of them', performance.now() - asked))
    const [first, supply] = [await looking, await supplying]
    // Tests may fail because the machine was busy.
    const project = first.tested?.isSmooth === false ? await look(first) : first
    const measured = project.review === null ? null : await measureCode(stage.stage, { design, model, plan, passwordHash })
    const parts = projectParts(project, measured, { file: loaded.file, commandFor })
    const mutants = run.mutants ? await planted(run, results, { databaseUrl, tell }) : null
    const load = await measureLoad()
    // The review has claims of its own.
    const families = isAboutProject(run.only) ? null : { ...plan, families: [...plan.families, ...book.plans()] }
    const origin = { file: loaded.file, lineOf: loaded.lineOf ?? (() => null), commandFor, secrets: stage.stage.secrets ?? [] }
    const report = reportOf({
      ...{
        model,
        results,
        facts: factsOf(run, stage.postgres, stage.role),
        mutants,
        ...parts,
        performance: load.performance,
        builds: load.builds,
      },
      claims: [
        ...(families === null ? [] : claimsOfRun(families, results, origin)),
        ...parts.claims,
        ...(supply?.claims ?? []),
        ...load.claims,
        ...(mutants === null ? [] : [mutationClaim(mutants, { file: loaded.file, command: commandFor('mutants') })]),
      ],
      notTested: [
        ...load.notTested,
        ...notTestedOf({
          ...{ model, plan, asked: count, unprovoked: book.left(), role: stage.role },
          ...{ mutants: mutants !== null, only: run.only },
        }),
        ...parts.notTested,
        ...(supply?.notTested ?? []),
      ],
      accepted: acceptedOf(results),
      matrix: accessMatrix(model, plan, results),
    })
    return { report, sbom: supply?.sbom ?? null }
  } finally {
    await Promise.allSettled([sending])
    await stage.close()
  }
}

interface Planting {
  readonly databaseUrl: string | null
  readonly tell: (text: string) => void
}

async function planted(run: PlannedRun, results: readonly CaseResult[], { databaseUrl, tell }: Planting): Promise<MutationScore> {
  const { model, design, plan, cases, probes, only, seed, loaded } = run
  const began = performance.now()
  return plantMutants({
    ...{ model, design, plan, questions: [...cases, ...probes], results, only, seed, databaseUrl },
    folder: dirname(loaded.path),
    onMutant: (_, done, total) => {
      if (done % 50 === 0) tell(line('mutants', `${done} of ${total} planted`, performance.now() - began))
    },
  })
}

/** The program that runs this command, without the command: `verify`, or `deliver`, which verifies. */
export function programOf({ self }: Pick<Io, 'self'>): readonly string[] {
  const at = self.command.findIndex((word) => word === 'verify' || word === 'deliver')
  return at === -1 ? self.command : self.command.slice(0, at)
}

/** How many cases about access were answered with 2xx, as was expected. */
function acceptedOf(results: readonly CaseResult[]): number {
  return results.filter((one) => one.case.claim.startsWith('access/') && one.wrong === null && one.status >= 200 && one.status < 300).length
}
