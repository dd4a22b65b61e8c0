/** The evidence of a claim: requests and answers, without secrets. */

import type { KnownSecret } from '../cases/probe.ts'
import { type CaseResult, goalsAsked } from '../run/case-result.ts'
import { withoutSecrets } from '../security/search-log.ts'

/** Longer texts in bodies are cut in reports. */
const LONGEST_TEXT = 2_000

/** A request and its answer. */
export interface Evidence {
  readonly case: string
  /** `anonymous`, or the id of the account. */
  readonly caller: string
  /** As in HTTP: `GET /api/posts`. */
  readonly request: string
  readonly body: unknown
  readonly status: number
  readonly expected: readonly number[]
  /** The rule or constraint that decides. Of a finding about no request: what to do. */
  readonly because: string
  /** The truth of each atom of the rule; null is unknown. */
  readonly atoms: Readonly<Record<string, boolean | null>>
  /** What differs; null for a case that passed. */
  readonly wrong: string | null
  /** The beginning of the answer; null for a case that passed. */
  readonly answer: string | null
  readonly ms: number
}

/** The cases of a claim. */
export interface ShownCases {
  readonly evidence: readonly Evidence[]
  /** The names of those without evidence, which passed. */
  readonly passed: readonly string[]
}

/** All that failed and the first that passed for each atom value, with evidence; the names of the others. */
export function shownOf(results: readonly CaseResult[], secrets: readonly KnownSecret[] = []): ShownCases {
  const shown = new Set<string>()
  const kept = new Set(
    results.filter((result) => {
      if (result.wrong !== null) return true
      const fresh = goalsAsked(result).filter((goal) => !shown.has(goal))
      for (const goal of fresh) shown.add(goal)
      return fresh.length > 0
    }),
  )
  return {
    evidence: [...kept].map((one) => evidenceOf(one, (text) => withoutSecrets(text, secrets))),
    passed: results.filter((one) => !kept.has(one)).map((one) => one.case.name),
  }
}

function evidenceOf(result: CaseResult, hidden: (text: string) => string): Evidence {
  return {
    case: result.case.name,
    caller: result.case.user ?? 'anonymous',
    request: `${result.sent.method} ${hidden(result.sent.url)}`,
    body: shortened(result.sent.body ?? null, hidden),
    status: result.status,
    expected: result.expected.statuses,
    because: result.expected.why,
    atoms: result.case.atoms,
    wrong: result.wrong === null ? null : hidden(result.wrong),
    answer: result.wrong === null ? null : hidden(result.answer),
    ms: result.ms,
  }
}

/** A body without secrets, in which long texts are cut, with their length. */
function shortened(value: unknown, hidden: (text: string) => string): unknown {
  if (typeof value === 'string')
    return value.length <= LONGEST_TEXT ? hidden(value) : `${hidden(value.slice(0, 100))}… (${[...value].length} characters)`
  if (Array.isArray(value)) return value.map((item) => shortened(item, hidden))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shortened(member, hidden)]))
}
