/** The classes of faults, with what the claims of a run say about each. */

import { OWASP_API, SECURITY_CLASSES } from '../security/classes.ts'
import type { ClaimVerdict, VerifiedClaim } from './claims-of.ts'

/** What a run says about one class of faults. */
export interface SecurityRow {
  /** `F206`. */
  readonly class: string
  readonly what: string
  /** `API5`, and what it is. */
  readonly owasp: string
  /** The worst of its claims; `not-tested` without any. */
  readonly verdict: ClaimVerdict
  readonly claims: number
  readonly cases: number
  readonly failed: number
}

const WORST: readonly ClaimVerdict[] = ['fails', 'undecided', 'holds']

/** The table of all classes. A class of which no claim was tested is `not-tested`, and never passed. */
export function securityOf(claims: readonly VerifiedClaim[]): readonly SecurityRow[] {
  return Object.entries(SECURITY_CLASSES).map(([id, { what, owasp, shownBy }]) => {
    const own = claims.filter((claim) => shownBy.some((name) => claim.id === name || claim.id.startsWith(`${name}/`)))
    const tested = own.filter(({ result }) => result.verdict !== 'not-tested')
    const sum = (value: (claim: VerifiedClaim) => number): number => tested.reduce((total, claim) => total + value(claim), 0)
    return {
      class: id,
      what,
      owasp: `${owasp}: ${OWASP_API[owasp] ?? ''}`,
      verdict: WORST.find((verdict) => tested.some(({ result }) => result.verdict === verdict)) ?? 'not-tested',
      claims: tested.length,
      cases: sum(({ result }) => result.cases),
      failed: sum(({ result }) => result.failed),
    }
  })
}
