/** What a report of `plinth verify` says about one of the six deliverables. */

import type { ClaimVerdict, VerifiedClaim } from '../../verify/report/claims-of.ts'
import { pointedAt } from '../../verify/report/page/figures.ts'
import type { VerifyReport } from '../../verify/report/report-of.ts'

/** Members that items have: a name or, in their parts, a JSON pointer such as `/result/verdict`. */
export type Counted = Readonly<Record<string, string>>

/** A figure that was measured. It is in the report at the pointer `from`, or the number of its items there that have these members. */
export interface DeliveredFigure {
  readonly name: string
  readonly value: number
  /** `ms`, `/s`; empty for a count. */
  readonly unit: string
  readonly from: string
  readonly counts?: Counted
  /** The denominator, also of the report: a number, or the number of items there. */
  readonly of?: { readonly value: number; readonly from: string; readonly counts?: Counted }
  /** What the design wants of it. */
  readonly target?: { readonly value: number; readonly path: string }
}

/** Something that no run has shown, and why. */
export interface Untested {
  readonly what: string
  readonly why: string
}

/** What the report says about a deliverable. */
export interface EvidencePart {
  readonly verdict: ClaimVerdict
  /** One sentence. */
  readonly summary: string
  readonly figures: readonly DeliveredFigure[]
  /** What limits the meaning of the figures. */
  readonly limits: readonly string[]
  readonly notTested: readonly Untested[]
  /** The claims, each with its place in the report. */
  readonly claims: readonly { readonly id: string; readonly claim: string; readonly verdict: ClaimVerdict; readonly from: string }[]
}

/** The worst of verdicts. `not-tested` only if nothing was tested. */
export function worstOf(verdicts: readonly ClaimVerdict[]): ClaimVerdict {
  const order: readonly ClaimVerdict[] = ['fails', 'undecided', 'holds']
  return order.find((verdict) => verdicts.includes(verdict)) ?? 'not-tested'
}

/** The claims of a report that are chosen, as a part has them. */
export function claimsWhere(report: VerifyReport, isChosen: (claim: VerifiedClaim) => boolean): EvidencePart['claims'] {
  return report.claims.flatMap((claim, i) =>
    isChosen(claim) ? [{ id: claim.id, claim: claim.claim, verdict: claim.result.verdict, from: `/claims/${i}` }] : [],
  )
}

/** A figure of the report; none where the report has no number. @param of the pointer of the denominator. */
export function figureAt(
  report: VerifyReport,
  name: string,
  { from, of, unit = '', target }: { from: string; of?: string; unit?: string; target?: DeliveredFigure['target'] | undefined },
): readonly DeliveredFigure[] {
  const value = pointedAt(report, from)
  if (typeof value !== 'number') return []
  const whole = of === undefined ? undefined : pointedAt(report, of)
  return [
    {
      ...{ name, value, unit, from },
      ...(of !== undefined && typeof whole === 'number' ? { of: { value: whole, from: of } } : {}),
      ...(target === undefined ? {} : { target }),
    },
  ]
}

/** How many items of a list of the report have these members, of all its items. */
export function countAt(report: VerifyReport, name: string, from: string, counts: Counted): DeliveredFigure {
  return { name, value: countOf(report, from, counts), unit: '', from, counts, of: { value: countOf(report, from, {}), from, counts: {} } }
}

/** The number of items at a pointer that have these members; NaN if there is no list. */
export function countOf(report: unknown, from: string, counts: Counted): number {
  const items = pointedAt(report, from)
  if (!Array.isArray(items)) return Number.NaN
  const has = (item: unknown, [member, value]: readonly [string, string]): boolean =>
    pointedAt(item, member.startsWith('/') ? member : `/${member}`) === value
  return items.filter((item) => Object.entries(counts).every((wanted) => has(item, wanted))).length
}

/** A figure in words: `62 of 62`, `12.5 ms (target 50 ms)`. */
export function figureText({ value, unit, of, target }: DeliveredFigure): string {
  const shown = (n: number): string => `${rounded(n)}${unit === '' || unit.startsWith('/') ? unit : ` ${unit}`}`
  return [shown(value), of && `of ${rounded(of.value)}`, target && `(target ${shown(target.value)})`].filter(Boolean).join(' ')
}

function rounded(n: number): string {
  return Number(n.toPrecision(Math.abs(n) < 1_000 ? 3 : 6)).toLocaleString('en', { maximumFractionDigits: 3 })
}
