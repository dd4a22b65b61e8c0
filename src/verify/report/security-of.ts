/** The classes of faults, with what the cases of a run say about each. */

import type { Model } from '../../model/model.ts'
import type { CaseResult } from '../run/case-result.ts'
import { OWASP_API, SECURITY_CLASSES, type SecurityClass } from '../security/classes.ts'
import { undecidedBecause } from './asvs-of.ts'
import { ATTRIBUTION, type Fact } from './attribution.ts'
import type { ClaimVerdict, VerifiedClaim } from './claims-of.ts'

/** The verdict about a class: that of its cases, or `not-applicable` for a design that cannot have such a fault. */
export type SecurityVerdict = ClaimVerdict | 'not-applicable'

/** Cases of one kind that are about a class. */
export interface SecurityShare {
  readonly what: string
  readonly cases: number
  readonly failed: number
}

/** What a run says about one class of faults. */
export interface SecurityRow {
  /** `F206`. */
  readonly class: string
  readonly what: string
  /** `API5`, and what it is. */
  readonly owasp: string
  readonly verdict: SecurityVerdict
  /** Why it is not tested or undecided; empty otherwise. */
  readonly why: string
  /** Distinct cases; one case may be about several classes. */
  readonly cases: number
  readonly passed: number
  readonly failed: number
  /** The names of the cases that show the fault. */
  readonly failing: readonly string[]
  readonly shares: readonly SecurityShare[]
}

/** What the table is made of. */
export interface SecurityParts {
  readonly model: Model
  readonly results: readonly CaseResult[]
  readonly claims: readonly VerifiedClaim[]
  /** The beginning of the names of the cases that were chosen; null for all. */
  readonly only: string | null
}

/** The table of all classes. A class without cases is `not-tested` or `not-applicable`, and never passed. */
export function securityOf(parts: SecurityParts): readonly SecurityRow[] {
  return (Object.keys(SECURITY_CLASSES) as SecurityClass[]).map((id) => rowOf(parts, id))
}

function rowOf({ model, results, claims, only }: SecurityParts, id: SecurityClass): SecurityRow {
  const { what, owasp, without } = SECURITY_CLASSES[id]
  const found = ATTRIBUTION[id].map((fact) => shareOf(fact, results))
  const asked = new Set(found.flatMap(({ asked: of }) => of))
  const failing = new Set(found.flatMap(({ failing: of }) => of))
  const undecided = new Set(claims.filter(({ result }) => result.verdict === 'undecided').map((claim) => claim.id))
  const open = found.flatMap((one) =>
    one.fact.whole === true ? one.asked.map((result) => result.case.claim).filter((claim) => undecided.has(claim)) : [],
  )
  const doubt = undecidedBecause([...new Set(open)], only)
  return {
    class: id,
    what,
    owasp: `${owasp}: ${OWASP_API[owasp] ?? ''}`,
    ...verdictOf({ failed: failing.size, asked: asked.size, doubt, unfit: without(model) }),
    cases: asked.size,
    passed: asked.size - failing.size,
    failed: failing.size,
    failing: [...new Set([...failing].map((result) => result.case.name))].sort(),
    shares: found
      .filter((one) => one.asked.length > 0)
      .map(({ fact, asked: of, failing: bad }) => ({ what: fact.what, cases: of.length, failed: bad.length })),
  }
}

interface Counted {
  readonly failed: number
  readonly asked: number
  /** Why cases that passed do not decide; empty if they do. */
  readonly doubt: string
  /** Why a design cannot have such a fault; null if it can. */
  readonly unfit: string | null
}

function verdictOf({ failed, asked, doubt, unfit }: Counted): Pick<SecurityRow, 'verdict' | 'why'> {
  if (failed > 0) return { verdict: 'fails', why: '' }
  if (asked > 0) return { verdict: doubt === '' ? 'holds' : 'undecided', why: doubt }
  return { verdict: unfit === null ? 'not-tested' : 'not-applicable', why: unfit ?? 'no case of this run is about it' }
}

interface Found {
  readonly fact: Fact
  readonly asked: readonly CaseResult[]
  readonly failing: readonly CaseResult[]
}

function shareOf(fact: Fact, results: readonly CaseResult[]): Found {
  const asked = results.filter(fact.asks)
  const fails = fact.fails ?? (({ wrong }: CaseResult): boolean => wrong !== null)
  return { fact, asked, failing: asked.filter(fails) }
}
