/** Plants the mutants of a design on databases of their own, and scores what the cases notice. */

import { availableParallelism } from 'node:os'
import type { Model } from '../../model/model.ts'
import type { CasePlan } from '../../verify/cases/cases-of.ts'
import type { WrittenDesign } from '../../verify/expected/written-design.ts'
import { isMutantName, type JudgedMutant, MUTANTS, type Mutant } from '../../verify/mutants/mutant.ts'
import { mutantsOf } from '../../verify/mutants/run/mutants-of.ts'
import { runMutants } from '../../verify/mutants/run/run-mutants.ts'
import { type MutationScore, scoreOf } from '../../verify/mutants/run/score.ts'
import type { AskedCase } from '../../verify/mutants/run/touching-cases.ts'
import type { CaseResult } from '../../verify/run/case-result.ts'
import { UsageError } from '../terminal/usage-error.ts'
import { openBenches } from './open-benches.ts'

/** What is planted, and on what. */
export interface PlantingOptions {
  readonly model: Model
  readonly design: WrittenDesign
  readonly plan: CasePlan
  /** The chosen cases and probes. */
  readonly questions: readonly AskedCase[]
  /** Their results over HTTP. */
  readonly results: readonly CaseResult[]
  /** The mutants whose names begin with this; undefined for all. */
  readonly only: string | undefined
  /** The folder of the design. */
  readonly folder: string
  /** As for `openStage`. */
  readonly databaseUrl: string | null
  readonly onMutant: (judged: JudgedMutant, done: number, total: number) => void
}

/** Mutants that are not planted within this time are listed, and count as not caught. */
const LONGEST_MS = 10 * 60_000
/** One process answers all requests, so more benches would wait for one another. */
const MOST_BENCHES = 2

/** Plants all mutants, or those that `only` names. @throws UsageError if none has the name; EnvironmentError for an unusable server. */
export async function plantMutants({ only, folder, databaseUrl, results, onMutant, ...parts }: PlantingOptions): Promise<MutationScore> {
  const { model, plan } = parts
  const mutants = chosenMutants(
    mutantsOf(model, plan),
    parts.questions.length < plan.cases.length + plan.probes.length ? parts.questions : null,
    only,
  )
  const began = performance.now()
  const { benches, close } = await openBenches({ model, folder, databaseUrl, count: Math.min(MOST_BENCHES, availableParallelism()) })
  try {
    const run = await runMutants(benches, {
      ...parts,
      mutants,
      deadline: began + LONGEST_MS,
      onMutant: (judged, done) => onMutant(judged, done, mutants.length),
    })
    return scoreOf({ run, questions: parts.questions, overHttp: results, seconds: Math.round((performance.now() - began) / 100) / 10 })
  } finally {
    await close()
  }
}

/** @param questions the chosen ones; null for all. Only mutants of their claims are then planted. */
function chosenMutants(all: readonly Mutant[], questions: readonly AskedCase[] | null, only: string | undefined): readonly Mutant[] {
  const claims = questions === null ? null : new Set(questions.map(({ claim }) => claim))
  const touched = claims === null ? all : all.filter((mutant) => mutant.claims.some((claim) => claims.has(claim)))
  if (!isMutantName(only) || only === MUTANTS) return touched
  const found = touched.filter(({ name }) => name === only || name.startsWith(`${only}/`) || name.startsWith(`${only}.`))
  if (found.length > 0) return found
  const kinds = [...new Set(all.map(({ kind }) => `${MUTANTS}/${kind}`))].slice(0, 6)
  throw new UsageError(`no mutant is named ${only}`, `names begin with ${kinds.join(', ')}`)
}
