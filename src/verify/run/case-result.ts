/** What came of a case. */

import type { NamedCase } from '../cases/case.ts'
import type { LeftGoals } from '../cases/probe.ts'
import type { SentRequest } from './stage.ts'

/** What came of a case. */
export interface CaseResult {
  readonly case: NamedCase
  /** The goals of the case that could not be asked, with the reasons. The case does not count for them. */
  readonly left?: LeftGoals
  /** What is wrong; null if all is as expected. */
  readonly wrong: string | null
  /** `hidden`: the request names a row that the caller may not read, and the answer was compared with that about no row. */
  readonly expected: { readonly statuses: readonly number[]; readonly why: string; readonly hidden?: true }
  readonly sent: Pick<SentRequest, 'method' | 'url' | 'body'>
  readonly status: number
  /** The beginning of the answer. */
  readonly answer: string
  readonly ms: number
}

/** The most characters of a text in a body that a report keeps. */
const TEXT_LENGTH = 500

/** A body without the rest of a long text; of bytes, how many there are. */
export function shortBody(body: unknown): unknown {
  if (Buffer.isBuffer(body)) return `${body.length} bytes`
  return typeof body === 'string' && body.length > TEXT_LENGTH ? `${body.slice(0, TEXT_LENGTH)}… (${body.length} characters)` : body
}

/** The goals that a case has asked. */
export function goalsAsked({ case: { goals }, left = {} }: Pick<CaseResult, 'case' | 'left'>): readonly string[] {
  return goals.filter((goal) => !Object.hasOwn(left, goal))
}

/** Whether a case says anything: it failed, or could ask something. A case without goals says how its request is answered. */
export function hasAsked(result: CaseResult): boolean {
  return result.wrong !== null || Object.keys(result.left ?? {}).length === 0 || goalsAsked(result).length > 0
}
