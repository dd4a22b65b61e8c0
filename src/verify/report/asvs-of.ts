/** The requirements of OWASP ASVS 5.0, each with what the cases of a run say about it. */

import type { Model } from '../../model/model.ts'
import type { CaseResult } from '../run/case-result.ts'
import { ASVS, type AsvsRequirement } from '../security/asvs.ts'
import type { VerifiedClaim } from './claims-of.ts'

/**
 * What is known of a requirement. What nothing tests is `not-tested`, and never done. It is `undecided` if its cases passed, but one of
 * their claims is undecided, or only a part of them was asked.
 */
export type AsvsVerdict = 'done' | 'failed' | 'undecided' | 'not-tested' | 'not-applicable'

/** Undecided claims that a reason names. */
const SHOWN = 3

/** A requirement, and what a run says about it. */
export interface AsvsRow {
  /** `1.2.4`. */
  readonly requirement: string
  readonly level: number
  readonly what: string
  readonly verdict: AsvsVerdict
  /** Why it is not tested or undecided, or why the design does not meet it; empty otherwise. */
  readonly why: string
  readonly cases: number
  readonly failed: number
  /** The claims whose cases show it; `security/F204` stands for all that begin with it. */
  readonly claims: readonly string[]
}

/** What the table is made of. */
export interface AsvsParts {
  readonly model: Model
  readonly results: readonly CaseResult[]
  readonly claims: readonly VerifiedClaim[]
  /** The beginning of the names of the cases that were chosen; null for all. */
  readonly only: string | null
}

/** The table, in the order of the standard. */
export function asvsOf(parts: AsvsParts): readonly AsvsRow[] {
  return ASVS.map((requirement) => rowOf(parts, requirement))
}

function rowOf({ model, results, claims, only }: AsvsParts, { id, level, what, shownBy, without, breaks }: AsvsRequirement): AsvsRow {
  const shown = results.filter(({ case: { claim, goals } }) =>
    shownBy.some((one) => one.claim.test(claim) && (one.goal === undefined || goals.some((goal) => one.goal?.test(goal) === true))),
  )
  // Claims that no case shows, such as those about components, have a verdict of their own.
  const whole = claims.filter(
    ({ id: claim, method, result }) =>
      method.kind !== 'cases' && result.verdict !== 'not-tested' && shownBy.some((one) => one.claim.test(claim)),
  )
  const failed = shown.filter(({ wrong }) => wrong !== null).length + whole.filter(({ result }) => result.verdict === 'fails').length
  const cases = shown.length + whole.length
  const of = new Set([...shown.map((result) => result.case.claim), ...whole.map((claim) => claim.id)])
  const open = claims.filter((claim) => claim.result.verdict === 'undecided' && of.has(claim.id)).map((claim) => claim.id)
  const [unfit, broken] = [without(model), breaks(model)]
  const why = unfit ?? broken ?? (cases === 0 ? untestedBecause(shownBy) : failed > 0 ? '' : undecidedBecause(open, only))
  const passed = why === '' ? 'done' : 'undecided'
  const verdict = unfit !== null ? 'not-applicable' : broken !== null || failed > 0 ? 'failed' : cases > 0 ? passed : 'not-tested'
  return {
    ...{ requirement: id, level, what, verdict, why, cases, failed },
    claims: [...new Set([...shown.map(({ case: one }) => shortened(one.claim)), ...whole.map((claim) => claim.id)])].sort(),
  }
}

function untestedBecause(shownBy: AsvsRequirement['shownBy']): string {
  return shownBy.length === 0 ? 'verify has no case for it' : 'no case of this run shows it'
}

/** Why cases that passed do not decide; empty if they do. @param open the undecided claims that they belong to. */
export function undecidedBecause(open: readonly string[], only: string | null): string {
  if (open.length > 0)
    return `because of ${open.slice(0, SHOWN).join(', ')}${open.length > SHOWN ? `, and ${open.length - SHOWN} more` : ''}`
  return only === null ? '' : `--only ${only} left out a part of its cases`
}

/** The class of a claim about one entity, or the family. */
function shortened(claim: string): string {
  const [family = '', second = ''] = claim.split('/')
  return family === 'security' || family === 'identity' || family === 'supply' ? `${family}/${second}` : family
}
