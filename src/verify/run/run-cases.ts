/** Asks a backend the cases of a design and compares what it answers and writes with what the oracle expects. */

import type { Model } from '../../model/model.ts'
import { withClient } from '../../postgres/connect.ts'
import type { Case, NamedCase } from '../cases/case.ts'
import type { CasePlan } from '../cases/cases-of.ts'
import type { ProbeCase } from '../cases/probe.ts'
import type { AnswerBook, JudgedAnswer } from '../contract/answer-book.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import { type CaseResult, shortBody } from './case-result.ts'
import { ANSWER_LENGTH, isRead, judgeCase } from './judge-case.ts'
import { judgeProbe } from './judge-probe.ts'
import { openRun } from './open-run.ts'
import type { Stage } from './stage.ts'

/** What is run. */
export interface CaseRun {
  readonly design: WrittenDesign
  readonly model: Model
  readonly plan: CasePlan
  readonly cases: readonly Case[]
  readonly probes?: readonly ProbeCase[]
  /** Holds all answers against the documents that the backend serves. Its findings are results, too. */
  readonly book?: AnswerBook
  /** Called after each case. */
  readonly onResult?: (result: CaseResult, done: number) => void
}

/** Reads that run at the same time. */
const AT_ONCE = 8

/**
 * Inserts the rows of the world and runs cases: first all that only read, several at once, then the writes and the probes one by one.
 *
 * @returns a result for each case and each probe, and one for each kind of answer in the book.
 */
export async function runCases(stage: Stage, running: CaseRun): Promise<readonly CaseResult[]> {
  return withClient(stage.databaseUrl, async (client) => {
    const { cases, probes = [], book = null } = running
    const open = await openRun(stage, { ...running, book }, client)
    const results = new Map<NamedCase, CaseResult>()
    const keep = (result: CaseResult): void => {
      results.set(result.case, result)
      running.onResult?.(result, results.size)
    }
    const reads = cases.filter(({ request }) => isRead(request))
    const queue = reads.values()
    const readOn = async (): Promise<void> => {
      for (const one of queue) keep(await judgeCase(open, one))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, readOn))
    for (const one of cases) if (!isRead(one.request)) keep(await judgeCase(open, one))
    for (const probe of probes.toSorted((a, b) => Number(a.last ?? false) - Number(b.last ?? false))) keep(await judgeProbe(open, probe))
    return [...[...cases, ...probes].flatMap((one) => results.get(one) ?? []), ...(book === null ? [] : bookResults(book))]
  })
}

/** The answers of a book as results. */
export function bookResults(book: AnswerBook): readonly CaseResult[] {
  return book.judged().map(resultOf)
}

/** An answer of the book as the result of the case that received it. */
function resultOf({ by, user, claim, goal, declared, wrong, sent, answer }: JudgedAnswer): CaseResult {
  return {
    case: { name: by, claim, door: 'every answer', user, goals: [goal], atoms: {} },
    wrong,
    expected: { statuses: declared.length === 0 ? [200] : declared, why: 'the document that the backend serves describes it' },
    // Bodies of sign-ins hold tokens.
    sent: { method: sent.method, url: sent.url, body: sent.url.includes('/auth/') ? undefined : shortBody(sent.body) },
    status: answer.status,
    answer: answer.text.slice(0, ANSWER_LENGTH),
    ms: 0,
  }
}
