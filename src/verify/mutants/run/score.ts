/** The score of mutants: how many were caught, by kind, and every one that was not. */

import type { NamedCase } from '../../cases/case.ts'
import type { CaseResult } from '../../run/case-result.ts'
import { ALL_KINDS, MUTANT_KINDS, type MutantKind } from '../kinds.ts'
import type { JudgedMutant, Mutant } from '../mutant.ts'
import type { MutationRunResult } from './run-mutants.ts'

/** How many mutants had each fate. */
export interface MutantCounts {
  readonly total: number
  readonly caught: number
  readonly equivalent: number
  readonly survived: number
  readonly unreached: number
  readonly broken: number
  /** For which no time was left. */
  readonly left: number
}

/** The mutants of one kind. */
export interface KindScore extends MutantCounts {
  readonly kind: MutantKind
  readonly what: string
}

/** A mutant that no case caught. */
export interface UncaughtMutant {
  readonly name: string
  readonly kind: MutantKind
  readonly what: string
  readonly fate: 'survived' | 'unreached' | 'broken' | 'left'
  /** How many cases were asked. */
  readonly cases: number
  /** What a proof or a case would need, or what broke. */
  readonly why: string
}

/** The part of a report about mutants. */
export interface MutationScore extends MutantCounts {
  /** Worst first. */
  readonly kinds: readonly KindScore[]
  readonly uncaught: readonly UncaughtMutant[]
  /** Mutants that the oracle proved to change nothing, with the number of states. */
  readonly equivalents: readonly { readonly name: string; readonly states: number }[]
  /** The case that caught each mutant. */
  readonly catches: readonly { readonly name: string; readonly by: string }[]
  /**
   * The backend without a mutant, in this process: how many of the cases that have caught a mutant were asked afterwards, which failed, and
   * how many of them have the same outcome over HTTP.
   */
  readonly control: { readonly cases: number; readonly failed: readonly string[]; readonly overHttp: number; readonly same: number }
  /** The number of cases until a mutant was caught: half of them needed at most this many, and nineteen of twenty. */
  readonly casesToCatch: { readonly median: number; readonly most95: number }
  /** The cases that have caught no mutant, by family: nothing shows that they can fail. */
  readonly idle: readonly IdleCases[]
  /** How many more mutants there are, of the same kinds. They are in no other number. */
  readonly unplanted: number
  readonly seconds: number
}

/** The cases of one family, and those of them that have caught nothing. */
export interface IdleCases {
  readonly family: string
  readonly cases: number
  readonly idle: number
  readonly names: readonly string[]
}

/** The share of mutants that must be caught. */
export const LEAST_CAUGHT = 0.98

/** What a score is made of. */
export interface ScoreParts {
  readonly run: MutationRunResult
  /** The names and claims of all cases that were asked. */
  readonly questions: readonly Pick<NamedCase, 'name' | 'claim'>[]
  /** The results of the same cases over HTTP. */
  readonly overHttp: readonly CaseResult[]
  readonly unplanted?: number
  readonly seconds: number
}

/** Makes the score. */
export function scoreOf({ run, questions, overHttp, unplanted = 0, seconds }: ScoreParts): MutationScore {
  const { judged, left, control } = run
  const served = new Map(overHttp.map((result) => [result.case.name, result.wrong === null]))
  const compared = control.filter((result) => served.has(result.case.name))
  const catches = judged.flatMap(({ mutant, fate }) =>
    fate.kind === 'caught' ? [{ name: mutant.name, by: fate.by, cases: fate.cases }] : [],
  )
  const needed = catches.map(({ cases }) => cases).sort((a, b) => a - b)
  const kinds = ALL_KINDS.map((kind): KindScore => {
    const of = <T>(all: readonly T[], mutantOf: (one: T) => Mutant): readonly T[] => all.filter((one) => mutantOf(one).kind === kind)
    return {
      kind,
      what: MUTANT_KINDS[kind],
      ...countsOf(
        of(judged, ({ mutant }) => mutant),
        of(left, (mutant) => mutant),
      ),
    }
  })
  return {
    ...countsOf(judged, left),
    kinds: kinds.filter(({ total }) => total > 0).sort((a, b) => shareOf(a) - shareOf(b) || b.total - a.total),
    uncaught: [
      ...judged.flatMap(uncaught),
      ...left.map((mutant) => uncaughtAs(mutant, { fate: 'left', cases: 0, why: 'no time was left' })),
    ],
    equivalents: judged.flatMap(({ mutant, fate }) => (fate.kind === 'equivalent' ? [{ name: mutant.name, states: fate.states }] : [])),
    catches: catches.map(({ name, by }) => ({ name, by })),
    control: {
      cases: control.length,
      failed: [...new Set(control.filter(({ wrong }) => wrong !== null).map((result) => result.case.name))],
      overHttp: compared.length,
      same: compared.filter((result) => served.get(result.case.name) === (result.wrong === null)).length,
    },
    idle: idleOf(questions, run.caught),
    unplanted,
    casesToCatch: { median: at(needed, 0.5), most95: at(needed, 0.95) },
    seconds,
  }
}

function idleOf(questions: ScoreParts['questions'], caught: ReadonlySet<string>): readonly IdleCases[] {
  return [...Map.groupBy(questions, ({ claim }) => claim.split('/')[0] ?? claim)].map(([family, own]) => {
    const names = own.map(({ name }) => name).filter((name) => !caught.has(name))
    return { family, cases: own.length, idle: names.length, names }
  })
}

/** The share of mutants of a kind that were caught; of no mutant that could be caught, all. */
export function shareOf({ caught, total, equivalent }: MutantCounts): number {
  return total === equivalent ? 1 : caught / (total - equivalent)
}

function countsOf(judged: readonly JudgedMutant[], left: readonly Mutant[]): MutantCounts {
  const count = (kind: JudgedMutant['fate']['kind']): number => judged.filter(({ fate }) => fate.kind === kind).length
  return {
    total: judged.length + left.length,
    caught: count('caught'),
    equivalent: count('equivalent'),
    survived: count('survived'),
    unreached: count('unreached'),
    broken: count('broken'),
    left: left.length,
  }
}

function uncaught({ mutant, fate }: JudgedMutant): readonly UncaughtMutant[] {
  switch (fate.kind) {
    case 'caught':
    case 'equivalent':
      return []
    case 'survived':
      return [uncaughtAs(mutant, { fate: 'survived', cases: fate.cases, why: fate.why })]
    case 'unreached':
    case 'broken':
      return [uncaughtAs(mutant, { fate: fate.kind, cases: 0, why: fate.why })]
  }
}

function uncaughtAs({ name, kind, what }: Mutant, fate: Pick<UncaughtMutant, 'fate' | 'cases' | 'why'>): UncaughtMutant {
  return { name, kind, what, ...fate }
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
