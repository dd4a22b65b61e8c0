/** What `plinth verify` says about a project besides its backend: its own tests, and a review of its code. */

import type { Model } from '../../model/model.ts'
import type { ReportParts } from '../../verify/report/report-of.ts'
import { reviewClaim } from '../../verify/report/review-claim.ts'
import type { CodeReview } from '../../verify/review/code-review.ts'
import type { MeasuredCode } from '../../verify/review/measured-code.ts'
import type { LoadedDesign } from '../setup/load-design.ts'
import type { Io } from '../terminal/command.ts'
import { isTestName, type TestedProject, testProject, testsLine } from './own-tests.ts'
import { isPerformanceName } from './parts/measured-performance.ts'
import { ownLogic } from './review/own-logic.ts'
import { reviewFiles, withCosts } from './review-code.ts'

/** The name of the review among those of cases. */
export const REVIEW = 'review'

/** What was asked about a project. */
export interface LookedAtProject {
  /** Null if the tests were left out. */
  readonly tested: TestedProject | null
  /** Null if the review was left out. Without the costs of code, which need a backend. */
  readonly review: CodeReview | null
}

/** What to look at. */
export interface LookingAt {
  readonly loaded: LoadedDesign
  readonly model: Model
  readonly mode: 'quick' | 'full'
  readonly only: string | undefined
  readonly commandFor: (name: string) => string
  /** What was seen before: then only the tests are run, again. */
  readonly before?: LookedAtProject | undefined
  /** Called with a line of progress: its name, its text and how many milliseconds it took. */
  readonly onDone: (name: string, text: string, ms: number) => void
}

/** Whether the chosen cases are no questions to a backend: the tests of the project, the review of its code, or measurements. */
export function isAboutProject(only: string | undefined): boolean {
  return isTestName(only) || only === REVIEW || isPerformanceName(only)
}

/** Whether a backend has to run for what was chosen. */
export function needsBackend(only: string | undefined, { actions, entities }: Model): boolean {
  if (!isAboutProject(only)) return true
  return only === REVIEW && (actions.some(({ run }) => run !== null) || entities.some(({ hooks }) => hooks.length > 0))
}

/** Runs the tests and reviews the files. */
export async function lookAtProject(looking: LookingAt, io: Pick<Io, 'env' | 'self'>): Promise<LookedAtProject> {
  const { loaded, model, mode, only, commandFor, onDone, before } = looking
  const logic = ownLogic(loaded)
  const began = performance.now()
  const tested = await testProject({ model, logic, mode, only, file: loaded.file, command: commandFor('tests') }, io)
  if (tested !== null) onDone('own tests', testsLine(tested.report), performance.now() - began)
  if (before !== undefined) return { ...before, tested }
  const reviewing = performance.now()
  const review = only === undefined || only === REVIEW ? await reviewFiles(logic, { ...loaded, model }) : null
  if (review !== null)
    onDone('review', review.parts.map(({ check, looked }) => `${check} ${looked}`).join(', '), performance.now() - reviewing)
  return { tested, review }
}

/** The parts of the report. @param measured what code has cost; null if no backend was asked. */
export function projectParts(
  { tested, review }: LookedAtProject,
  measured: readonly MeasuredCode[] | null,
  of: { readonly file: string; readonly commandFor: (name: string) => string },
): Pick<ReportParts, 'claims' | 'notTested' | 'tests' | 'review'> {
  const whole = review === null ? null : withCosts(review, measured ?? [])
  return {
    claims: [
      ...(tested === null ? [] : [tested.claim]),
      ...(whole === null ? [] : [reviewClaim(whole, { file: of.file, command: of.commandFor(REVIEW) })]),
    ],
    notTested: [
      ...(tested?.notTested ?? []),
      ...(whole?.parts ?? []).flatMap(({ check, why }) =>
        why === null ? [] : [{ what: `review of ${check}`, count: null, why, kind: 'missing' } as const],
      ),
      ...(measured ?? []).flatMap(({ code, why }) =>
        why === null ? [] : [{ what: `the cost of ${code}`, count: null, why, kind: 'missing' } as const],
      ),
    ],
    tests: tested?.report ?? null,
    review: whole,
  }
}
