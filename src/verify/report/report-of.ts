/** The report of a run: the verdict, what was not tested, and the claims. */

import type { Model } from '../../model/model.ts'
import { isMutantName } from '../mutants/mutant.ts'
import type { MutationScore } from '../mutants/run/score.ts'
import type { ComparedLoad } from '../performance/compare/compare-loads.ts'
import type { BuildComparison, PerformanceReport } from '../performance/performance-report.ts'
import type { CodeReview } from '../review/code-review.ts'
import type { OwnTestsReport } from '../review/own-tests.ts'
import { type CaseResult, hasAsked } from '../run/case-result.ts'
import type { MatrixCell } from './access-matrix.ts'
import { type AsvsRow, asvsOf } from './asvs-of.ts'
import type { ClaimVerdict, VerifiedClaim } from './claims-of.ts'
import { type RequirementRow, requirementsOf } from './requirements-of.ts'
import { type SecurityRow, securityOf } from './security-of.ts'

/** Something that was not asked, with the reason. */
export interface NotTested {
  readonly what: string
  /** How many cases; null if they were not counted. */
  readonly count: number | null
  readonly why: string
  /** `excluded` by an option; `unreachable`, which nothing can ask; `missing` from this version. */
  readonly kind: 'excluded' | 'unreachable' | 'missing'
}

/** The database role of the serving process, as seen in the database while it served. */
export interface ServedRole {
  /** Whether it owns nothing, and may only read and write rows. */
  readonly ordinary: boolean
  /** How many objects of the database it owns. */
  readonly owns: number
  /** What it may do that serving does not need: `may create tables`. */
  readonly powers: readonly string[]
}

/** An environment that was asked in place of a database of verify's own. */
export interface AskedThere {
  /** Its address, without credentials. */
  readonly url: string
  /** The names of its callers, as they were given with their tokens. */
  readonly callers: readonly string[]
  /** The rows of an environment are not known, so that answers are not compared with them. */
  readonly rowsKnown: false
  /** Whether cases could send requests that write. */
  readonly writes: boolean
  /** How many requests were sent. */
  readonly requests: number
  /** The most that were sent in a second. */
  readonly perSecond: number
}

/** What was run, and on what. */
export interface RunFacts {
  readonly design: { readonly name: string; readonly file: string; readonly sha256: string }
  readonly plinth: string
  readonly seed: number
  readonly mode: 'quick' | 'full'
  readonly only: string | null
  /** The options about load; null where one was not given. */
  readonly load: { readonly rows: number | null; readonly seconds: number | null }
  readonly machine: { readonly cores: number; readonly memoryMb: number; readonly node: string; readonly postgres: string }
  /** Null where the backend had no session, or its database cannot be seen. */
  readonly role: ServedRole | null
  /** Null for a database of its own. */
  readonly against: AskedThere | null
  readonly startedAt: string
  readonly seconds: number
}

/** The report; `plinth schema --verify` prints its JSON Schema. */
export interface VerifyReport extends RunFacts {
  readonly schema: 'plinth-verify/1'
  readonly verdict: ClaimVerdict
  readonly totals: Totals
  readonly notTested: readonly NotTested[]
  readonly claims: readonly VerifiedClaim[]
  /** Who may do what, as the cases have seen it. */
  readonly matrix: readonly MatrixCell[]
  /** Null if none were planted. */
  readonly mutants: MutationScore | null
  /** The project's own tests; null if they were left out. */
  readonly tests: OwnTestsReport | null
  /** The review of the code; null if it was left out. */
  readonly review: CodeReview | null
  /** What a load has shown; null if it was left out. */
  readonly performance: PerformanceReport | null
  /** The comparison with another build; null if none was asked. */
  readonly builds: BuildComparison | null
  /** What was asked for, with what the claims say about the parts that meet it. */
  readonly requirements: readonly RequirementRow[]
  /** The classes of faults, with what the cases say about each. */
  readonly security: readonly SecurityRow[]
  /** Requirements of OWASP ASVS 5.0, with what the cases say about each. */
  readonly asvs: readonly AsvsRow[]
  /** Null unless the run repeats an earlier one. */
  readonly compared: Comparison | null
}

/** The report that was repeated, and what differs from it. */
export interface Comparison {
  /** The path of the earlier report. */
  readonly with: string
  readonly startedAt: string
  /** Whether both are about the same files of the design. */
  readonly sameDesign: boolean
  /** The version that made the earlier report. */
  readonly plinth: string
  /** Claims of both reports. */
  readonly compared: number
  /** Null where one report has no such claim. */
  readonly changed: readonly { readonly claim: string; readonly before: ClaimVerdict | null; readonly after: ClaimVerdict | null }[]
  /** What requests cost then and now; empty unless both runs had a load. */
  readonly loads: readonly ComparedLoad[]
}

/** Sums over all claims. */
export interface Totals {
  readonly claims: number
  /** Everything that was judged: what was asked of the backend, own tests, checks of the review, components and measurements. */
  readonly cases: number
  readonly failed: number
  readonly atomValues: {
    readonly total: number
    readonly impossible: number
    readonly unreachable: number
    readonly open: number
    readonly reachable: number
    readonly reached: number
  }
  /** The values of fields. */
  readonly values: { readonly total: number; readonly open: number; readonly reached: number }
  /** The other families. */
  readonly families: readonly FamilyTotals[]
  /** Cases of the family `access`. */
  readonly accessCases: number
  /** Passed access cases that were answered with 2xx: a run in which everything is refused shows nothing. */
  readonly accepted: number
}

/** Sums over the claims of a family. */
export interface FamilyTotals {
  readonly family: string
  /** What its claims count. */
  readonly what: string
  readonly claims: number
  readonly cases: number
  readonly failed: number
  readonly total: number
  /** What no case shows. */
  readonly untested: number
  readonly reached: number
}

/** What a report is made of. */
export interface ReportParts {
  readonly facts: RunFacts
  readonly model: Model
  readonly results: readonly CaseResult[]
  readonly claims: readonly VerifiedClaim[]
  readonly notTested: readonly NotTested[]
  /** How many access cases passed with 2xx. */
  readonly accepted: number
  readonly matrix: readonly MatrixCell[]
  readonly mutants: MutationScore | null
  readonly tests?: OwnTestsReport | null
  readonly review?: CodeReview | null
  readonly performance?: PerformanceReport | null
  readonly builds?: BuildComparison | null
}

/** Below this share of accepted cases, the access cases decide nothing. */
const LEAST_ACCEPTED = 0.25

/** Names of cases in one line about what was not tested. */
const SHOWN_NAMES = 4

/** Makes the report. The verdict is the worst of the claims; `not-tested` only where nothing was tested. */
export function reportOf({
  facts,
  model,
  results,
  claims,
  notTested,
  accepted,
  matrix,
  mutants,
  tests = null,
  review = null,
  performance = null,
  builds = null,
}: ReportParts): VerifyReport {
  const totals = totalsOf(claims, accepted)
  // With the name of mutants, all cases are asked.
  const only = isMutantName(facts.only) ? null : facts.only
  const asked = results.filter(hasAsked)
  return {
    schema: 'plinth-verify/1',
    verdict: verdictOf(claims, totals),
    ...facts,
    totals,
    notTested: [...notTested, ...couldNotAsk(results)],
    claims,
    matrix,
    mutants,
    tests,
    review,
    performance,
    builds,
    requirements: requirementsOf(model, claims),
    security: securityOf({ model, results: asked, claims, only }),
    asvs: asvsOf({ model, results: asked, claims, only }),
    compared: null,
  }
}

/** What cases could not ask, by reason. */
function couldNotAsk(results: readonly CaseResult[]): readonly NotTested[] {
  const left = results.flatMap(({ case: { claim }, left: goals = {} }) =>
    Object.entries(goals).map(([goal, why]) => ({ what: `${claim}/${goal}`, why })),
  )
  return [...Map.groupBy(left, ({ why }) => why)].map(([why, of]) => {
    const names = of.slice(0, SHOWN_NAMES).map(({ what }) => what)
    const more = of.length > names.length ? [`${of.length - names.length} more`] : []
    return { what: `cases: ${[...names, ...more].join(', ')}`, count: of.length, why, kind: 'missing' }
  })
}

function totalsOf(claims: readonly VerifiedClaim[], accepted: number): Totals {
  const add =
    (of: readonly VerifiedClaim[]) =>
    (value: (claim: VerifiedClaim) => number): number =>
      of.reduce((total, claim) => total + value(claim), 0)
  const ofRules = claims.filter(({ family }) => family === 'access')
  const [sum, sumRules, sumValues] = [add(claims), add(ofRules), add(claims.filter(({ family }) => family === 'values'))]
  return {
    claims: claims.length,
    cases: sum(({ result }) => result.cases),
    failed: sum(({ result }) => result.failed),
    atomValues: {
      total: sumRules(({ denominator }) => denominator.total),
      impossible: sumRules(({ denominator }) => denominator.impossible),
      unreachable: sumRules(({ denominator }) => denominator.unreachable),
      open: sumRules(({ denominator }) => denominator.open),
      reachable: sumRules(({ denominator }) => denominator.reachable),
      reached: sumRules(({ result }) => result.reached),
    },
    values: {
      total: sumValues(({ denominator }) => denominator.total),
      open: sumValues(({ denominator }) => denominator.open),
      reached: sumValues(({ result }) => result.reached),
    },
    families: familiesOf(claims),
    accessCases: sumRules(({ result }) => result.cases),
    accepted,
  }
}

function familiesOf(claims: readonly VerifiedClaim[]): readonly FamilyTotals[] {
  const others = claims.filter(({ family }) => !['access', 'values', 'mutants'].includes(family))
  return [...Map.groupBy(others, ({ family }) => family)].map(([family, own]) => {
    const sum = (value: (claim: VerifiedClaim) => number): number => own.reduce((total, claim) => total + value(claim), 0)
    return {
      family,
      what: own[0]?.denominator.what ?? '',
      claims: own.length,
      cases: sum(({ result }) => result.cases),
      failed: sum(({ result }) => result.failed),
      total: sum(({ denominator }) => denominator.total - denominator.impossible),
      untested: sum(({ denominator }) => denominator.untested),
      reached: sum(({ result }) => result.reached),
    }
  })
}

function verdictOf(claims: readonly VerifiedClaim[], { accessCases, accepted }: Totals): ClaimVerdict {
  const verdicts = claims.map(({ result }) => result.verdict).filter((verdict) => verdict !== 'not-tested')
  if (verdicts.includes('fails')) return 'fails'
  if (verdicts.length === 0) return 'not-tested'
  return verdicts.includes('undecided') || accepted < accessCases * LEAST_ACCEPTED ? 'undecided' : 'holds'
}
