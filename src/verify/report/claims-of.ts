/** The claims of a run: what was promised, how it was asked, and what was seen, each with its denominator. */

import type { CasePlan, ClaimPlan } from '../cases/cases-of.ts'
import type { FamilyPlan, FamilyUnit } from '../cases/family-plan.ts'
import type { KnownSecret } from '../cases/probe.ts'
import type { ValuePlan } from '../cases/value-cases.ts'
import { type CaseResult, goalsAsked, hasAsked } from '../run/case-result.ts'
import { type Evidence, shownOf } from './evidence-of.ts'

/** The verdict of a claim or a run. */
export type ClaimVerdict = 'holds' | 'fails' | 'undecided' | 'not-tested'

/** What claims count. */
export type ClaimUnit = 'atom values' | FamilyUnit | 'mutants' | 'tests' | 'checks' | 'components' | 'requests' | 'measurements'

/** A claim, with its evidence. */
export interface VerifiedClaim {
  readonly id: string
  readonly family: string
  readonly claim: string
  readonly from: { readonly file: string; readonly line: number | null; readonly path: string; readonly rule: string }
  readonly method: {
    readonly kind: 'cases' | 'mutants' | 'tests' | 'review' | 'components' | 'load'
    readonly oracle: string
    readonly doors: readonly string[]
    readonly text: string
  }
  /** The atom values of a rule, three for each atom; the values of a field; what the family counts; or mutants. */
  readonly denominator: {
    readonly what: ClaimUnit
    readonly total: number
    readonly impossible: number
    readonly unreachable: number
    readonly open: number
    /** What no case shows. The list of what was not tested has the reasons. */
    readonly untested: number
    readonly reachable: number
  }
  readonly result: {
    readonly verdict: ClaimVerdict
    readonly reached: number
    readonly cases: number
    readonly failed: number
    readonly undecided: number
  }
  readonly unreachable: readonly string[]
  readonly open: readonly string[]
  /** What no case shows. */
  readonly untested: readonly string[]
  /** Every case that failed, and one that passed for each atom value. */
  readonly evidence: readonly Evidence[]
  /** The names of the other cases, which passed. */
  readonly passed: readonly string[]
  readonly reproduce: { readonly command: string }
}

/** Where the parts of a design stand. */
export interface Origin {
  readonly file: string
  /** The line of a path of the design; null if it is not known. */
  readonly lineOf: (path: readonly string[]) => number | null
  /** The command that repeats the cases of a claim. */
  readonly commandFor: (name: string) => string
  /** What no report may show. */
  readonly secrets?: readonly KnownSecret[]
}

/**
 * The claims of a plan: its rules, its fields, then the other families. A claim without a case in the run is not tested. Cases about an
 * operation that no caller's document has make claims of their own.
 */
export function claimsOfRun(
  { plans, values, families }: Pick<CasePlan, 'plans' | 'values' | 'families'>,
  results: readonly CaseResult[],
  origin: Origin,
): readonly VerifiedClaim[] {
  const byClaim = Map.groupBy(results, (result) => result.case.claim)
  const planned = new Set([...plans.map(({ claim }) => claim.id), ...[...values, ...families].map(({ id }) => id)])
  return [
    ...plans.map((plan) => claimOf(plan, byClaim.get(plan.claim.id) ?? [], origin)),
    ...values.map((plan) => valueClaim(plan, byClaim.get(plan.id) ?? [], origin)),
    ...families.map((plan) => familyClaim(plan, byClaim.get(plan.id) ?? [], origin)),
    ...[...byClaim].filter(([id]) => !planned.has(id)).map(([id, own]) => familyClaim(undescribed(id), own, origin)),
  ]
}

function undescribed(id: string): FamilyPlan {
  return {
    ...{ id, claim: 'An operation that no document describes is refused.', path: [], oracle: 'the design', text: 'usual requests' },
    ...{ what: 'answers', asked: [], impossible: [], untested: [] },
  }
}

/** The claim of another family, in the unit that the family counts. Goals that no case could ask are not tested. */
function familyClaim(plan: FamilyPlan, all: readonly CaseResult[], { file, lineOf, commandFor, secrets }: Origin): VerifiedClaim {
  const { id, path, impossible } = plan
  const results = all.filter(hasAsked)
  const left = leftGoals(all)
  const asked = plan.asked.filter((goal) => !left.has(goal))
  const untested = [...plan.untested, ...plan.asked.filter((goal) => left.has(goal))]
  const { failed, shown } = outcomeOf(results)
  return {
    id,
    family: id.split('/')[0] ?? id,
    claim: plan.claim,
    from: { file, line: lineOf(path), path: path.join('.'), rule: '' },
    method: {
      kind: 'cases',
      oracle: plan.oracle,
      doors: [...new Set(results.map((result) => result.case.door))].sort(),
      text: plan.text,
    },
    denominator: {
      what: plan.what,
      total: asked.length + impossible.length + untested.length,
      impossible: impossible.length,
      unreachable: 0,
      open: 0,
      untested: untested.length,
      reachable: asked.length,
    },
    result: { verdict: verdictOf(results, []), reached: asked.filter(shown).length, cases: results.length, failed, undecided: 0 },
    unreachable: [],
    open: [],
    untested,
    ...shownOf(results, secrets),
    reproduce: { command: commandFor(id) },
  }
}

/** The goals that cases were for, and that none could ask. */
function leftGoals(all: readonly CaseResult[]): ReadonlySet<string> {
  const left = new Set(all.flatMap((result) => Object.keys(result.left ?? {})))
  for (const goal of all.flatMap(goalsAsked)) left.delete(goal)
  return left
}

/** What a body may hold in a field. A field that no caller can send is not tested, and no gap: the rules close it. */
function valueClaim(plan: ValuePlan, results: readonly CaseResult[], { file, lineOf, commandFor, secrets }: Origin): VerifiedClaim {
  const { id, path, asked } = plan
  const open = asked.length === 0 ? [] : plan.open
  const { failed, shown } = outcomeOf(results)
  const reached = asked.filter(shown)
  return {
    id,
    family: 'values',
    claim: `${path[1]}.${path[3]} takes exactly the values that its type, limits and options allow.`,
    from: { file, line: lineOf(path), path: path.join('.'), rule: '' },
    method: {
      kind: 'cases',
      oracle: 'the design and the reference of its language',
      doors: [...new Set(results.map((result) => result.case.door))].sort(),
      text: 'both sides of each limit, other JSON types, null, absent, and values that often pass by mistake',
    },
    denominator: {
      what: 'values',
      total: asked.length + open.length,
      impossible: 0,
      unreachable: 0,
      open: open.length,
      untested: 0,
      reachable: asked.length,
    },
    result: { verdict: verdictOf(results, open), reached: reached.length, cases: results.length, failed, undecided: 0 },
    unreachable: [],
    open,
    untested: [],
    ...shownOf(results, secrets),
    reproduce: { command: commandFor(id) },
  }
}

/** How many cases failed, and whether a goal was shown: some case has it, and none that has it failed. */
function outcomeOf(results: readonly CaseResult[]): { readonly failed: number; readonly shown: (goal: string) => boolean } {
  const failed = results.filter(({ wrong }) => wrong !== null)
  const broken = new Set(failed.flatMap((result) => result.case.goals))
  const seen = new Set(results.flatMap(goalsAsked))
  return { failed: failed.length, shown: (goal) => seen.has(goal) && !broken.has(goal) }
}

function verdictOf(results: readonly CaseResult[], open: readonly string[]): ClaimVerdict {
  if (results.some(({ wrong }) => wrong !== null)) return 'fails'
  return open.length > 0 ? 'undecided' : results.length === 0 ? 'not-tested' : 'holds'
}

/** The claim of a rule. Atom values that no case could ask are open. */
function claimOf(plan: ClaimPlan, all: readonly CaseResult[], { file, lineOf, commandFor, secrets }: Origin): VerifiedClaim {
  const { claim, impossible, unreachable } = plan
  const results = all.filter(hasAsked)
  const left = leftGoals(all)
  const reachable = plan.reached.filter((goal) => !left.has(goal))
  const open = [...plan.open, ...plan.reached.filter((goal) => left.has(goal))]
  const { failed, shown } = outcomeOf(results)
  const reached = reachable.filter(shown)
  const total = claim.parsed.atoms.length * 3
  return {
    id: claim.id,
    family: 'access',
    claim: sentence(plan),
    from: { file, line: lineOf(claim.path), path: claim.path.join('.'), rule: claim.parsed.source },
    method: {
      kind: 'cases',
      oracle: 'cel-js on the text of the design',
      doors: [...new Set(results.map((result) => result.case.door))].sort(),
      text: 'three-valued MC/DC: each atom is true, false and unknown where it decides, through each door',
    },
    denominator: {
      what: 'atom values',
      total,
      impossible,
      unreachable: unreachable.length,
      open: open.length,
      untested: 0,
      reachable: reachable.length,
    },
    result: {
      verdict: verdictOf(results, open),
      reached: reached.length,
      cases: results.length,
      failed,
      undecided: 0,
    },
    unreachable,
    open,
    untested: [],
    ...shownOf(results, secrets),
    reproduce: { command: commandFor(claim.id) },
  }
}

function sentence({ claim: { entity, use } }: ClaimPlan): string {
  if (use.kind === 'field')
    return `The field ${entity}.${use.field} is ${use.of === 'read' ? 'shown' : 'set'} exactly where its rule allows it.`
  const verbs = { read: 'shown', create: 'created', 'update.from': 'changed', 'update.to': 'changed into this', delete: 'deleted' } as const
  return `A ${entity} is ${verbs[use.rule]} exactly where the rule allows it.`
}
