/** The requirements of a design with what the claims say about the parts that meet them. */

import type { Model } from '../../model/model.ts'
import type { Requirement, RequirementPart, RequirementStatus } from '../../model/parts/requirement.ts'
import type { ClaimVerdict, VerifiedClaim } from './claims-of.ts'

/** A requirement, and what was seen of it. */
export interface RequirementRow {
  readonly id: string
  readonly text: string
  readonly source: string | null
  readonly status: RequirementStatus
  /** The worst of its parts; `not-tested` for a requirement that no part meets. */
  readonly verdict: ClaimVerdict
  readonly cases: number
  readonly failed: number
  readonly parts: readonly RequirementPartRow[]
}

/** A part that meets a requirement. */
export interface RequirementPartRow {
  /** As the author of the design wrote it. */
  readonly name: string
  readonly verdict: ClaimVerdict
  readonly cases: number
  readonly failed: number
  /** The claims about it. */
  readonly claims: readonly string[]
  /** Why it is not tested; empty otherwise. */
  readonly why: string
}

/** Worst first. */
const ORDER: readonly ClaimVerdict[] = ['fails', 'undecided', 'not-tested', 'holds']

/** The requirements in the order of the design. */
export function requirementsOf({ requirements }: Model, claims: readonly VerifiedClaim[]): readonly RequirementRow[] {
  return requirements.map(({ id, text, source, status, by }: Requirement) => {
    const parts = by.map((part) => partRow(part, claims))
    const sum = (of: 'cases' | 'failed'): number => parts.reduce((all, part) => all + part[of], 0)
    return {
      id,
      text,
      source,
      status,
      verdict: worstOf(parts.map(({ verdict }) => verdict)),
      cases: sum('cases'),
      failed: sum('failed'),
      parts,
    }
  })
}

function worstOf(verdicts: readonly ClaimVerdict[]): ClaimVerdict {
  return ORDER.find((verdict) => verdicts.includes(verdict)) ?? 'not-tested'
}

function partRow(part: RequirementPart, claims: readonly VerifiedClaim[]): RequirementPartRow {
  if (part.kind === 'test') return testRow(part, claims)
  const about =
    part.kind === 'scenario'
      ? claims.filter(({ id }) => id === `scenarios/${part.scenario}`)
      : claims.filter((claim) => isAbout(claim, part.path))
  const asked = about.filter(({ result }) => result.verdict !== 'not-tested')
  return {
    name: part.name,
    verdict: worstOf(asked.map(({ result }) => result.verdict)),
    cases: asked.reduce((all, { result }) => all + result.cases, 0),
    failed: asked.reduce((all, { result }) => all + result.failed, 0),
    claims: asked.map(({ id }) => id),
    why: asked.length > 0 ? '' : part.kind === 'scenario' ? 'the scenario was not asked' : 'no case is about this part alone',
  }
}

/** Claims that are about a part, and say so only by their family. */
const FAMILIES: Readonly<Record<string, string>> = { unique: 'races', search: 'lists' }

/** Whether a claim is about a part, what is in it, or the rule or action that it is in. */
function isAbout({ family, from }: VerifiedClaim, path: readonly (string | number)[]): boolean {
  const part = path.join('.')
  if (from.path === '') return false
  if (from.path === part || from.path.startsWith(`${part}.`)) return true
  const [root, , key] = path
  const entity = path.slice(0, 2).join('.')
  if (root === 'entities' && typeof key === 'string' && from.path === entity) return FAMILIES[key] === family
  return from.path.split('.').length >= (root === 'entities' ? 3 : 2) && part.startsWith(`${from.path}.`)
}

function testRow({ name, file, test }: Extract<RequirementPart, { kind: 'test' }>, claims: readonly VerifiedClaim[]): RequirementPartRow {
  const own = claims.find(({ id }) => id === 'tests')
  const isOwn = (named: string): boolean => (test === null ? named.startsWith(`tests/${file}/`) : named === `tests/${file}/${test}`)
  const shown = (own?.evidence ?? []).filter((one) => isOwn(one.case))
  const cases = shown.length + (own?.passed ?? []).filter(isOwn).length
  const failed = shown.filter(({ wrong }) => wrong !== null).length
  const why = own === undefined || own.result.verdict === 'not-tested' ? 'the tests of the project did not run' : 'no such test ran'
  const verdict = failed > 0 ? 'fails' : cases > 0 ? 'holds' : 'not-tested'
  return { name, verdict, cases, failed, claims: cases === 0 ? [] : ['tests'], why: cases === 0 ? why : '' }
}
