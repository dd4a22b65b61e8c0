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
import { partOf, shuffled } from './parts/choose-cases.ts'

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
  /** Which mutants a run plants that cannot plant them all. */
  readonly seed: number
  /** The folder of the design. */
  readonly folder: string
  /** As for `openStage`. */
  readonly databaseUrl: string | null
  readonly onMutant: (judged: JudgedMutant, done: number, total: number) => void
}

/**
 * Mutants that are not planted within this time are listed, and count as not caught. On a machine that does other things, time passes
 * while this process waits, so a run also goes on until it has used half of this time of its processor, and at most four times as long.
 */
const LONGEST_MS = 10 * 60_000
/** The most mutants of a run, unless `--only` names some. */
const MOST_PLANTED = 400
/** One process answers all requests, so more benches would wait for one another. */
const MOST_BENCHES = 2

/** Plants all mutants, or those that `only` names. @throws UsageError if none has the name; EnvironmentError for an unusable server. */
export async function plantMutants({
  only,
  seed,
  folder,
  databaseUrl,
  results,
  onMutant,
  ...parts
}: PlantingOptions): Promise<MutationScore> {
  const { model, plan } = parts
  const chosen = chosenMutants(
    mutantsOf(model, plan),
    parts.questions.length < plan.cases.length + plan.probes.length ? parts.questions : null,
    only,
  )
  const part = partOf(only)
  const some = isMutantName(only) && part === null ? chosen : someOfEachKind(chosen, MOST_PLANTED, seed)
  const mutants = part === null ? some : some.filter((_, i) => i % part.of === part.number - 1)
  const unplanted = chosen.length - mutants.length
  const over = timeLimit()
  const { benches, close } = await openBenches({ model, folder, databaseUrl, count: Math.min(MOST_BENCHES, availableParallelism()) })
  try {
    const run = await runMutants(benches, {
      ...parts,
      mutants,
      isOver: over.isOver,
      isShort: over.isShort,
      onMutant: (judged, done) => onMutant(judged, done, mutants.length),
    })
    return scoreOf({ run, questions: parts.questions, overHttp: results, unplanted, seconds: over.seconds() })
  } finally {
    await close()
  }
}

/** @param questions the chosen ones; null for all. Only mutants of their claims are then planted. */
function chosenMutants(all: readonly Mutant[], questions: readonly AskedCase[] | null, only: string | undefined): readonly Mutant[] {
  const claims = questions === null ? null : new Set(questions.map(({ claim }) => claim))
  const touched = claims === null ? all : all.filter((mutant) => mutant.claims.some((claim) => claims.has(claim)))
  if (!isMutantName(only) || only === MUTANTS || partOf(only) !== null) return touched
  const found = touched.filter(({ name }) => name === only || name.startsWith(`${only}/`) || name.startsWith(`${only}.`))
  if (found.length > 0) return found
  const kinds = [...new Set(all.map(({ kind }) => `${MUTANTS}/${kind}`))].slice(0, 6)
  throw new UsageError(`no mutant is named ${only}`, `names begin with ${kinds.join(', ')}`)
}

/** Mutants of every kind in turn, up to a number. @param seed which of a kind come first. */
function someOfEachKind(all: readonly Mutant[], most: number, seed: number): readonly Mutant[] {
  if (all.length <= most) return all
  const kinds = [...Map.groupBy(all, ({ kind }) => kind).values()].map((own) => shuffled(own, seed))
  const rounds = Math.max(...kinds.map((own) => own.length))
  const turns = Array.from({ length: rounds }, (_, i) => kinds.flatMap((own) => own.slice(i, i + 1))).flat()
  const chosen = new Set(turns.slice(0, most))
  return all.filter((mutant) => chosen.has(mutant))
}

interface TimeLimit {
  readonly isOver: () => boolean
  /** Whether no time is left for what changes no score. */
  readonly isShort: () => boolean
  readonly seconds: () => number
}

function timeLimit(): TimeLimit {
  const began = performance.now()
  const used = process.cpuUsage()
  const wall = (): number => performance.now() - began
  const busy = (): number => {
    const { user, system } = process.cpuUsage(used)
    return (user + system) / 1_000
  }
  const isPast = (share: number): boolean =>
    wall() > LONGEST_MS * 4 * share || (wall() > LONGEST_MS * share && busy() > (LONGEST_MS / 2) * share)
  return {
    isOver: () => isPast(1),
    isShort: () => isPast(0.6),
    seconds: () => Math.round(wall() / 100) / 10,
  }
}
