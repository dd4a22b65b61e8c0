/** Asks a backend the cases of a design and compares what it answers and writes with what the oracle expects. */

import type { Model } from '../../model/model.ts'
import { type Connection, withClient } from '../../postgres/connect.ts'
import type { Case, NamedCase } from '../cases/case.ts'
import type { CasePlan } from '../cases/cases-of.ts'
import type { ProbeCase } from '../cases/probe.ts'
import type { AnswerBook, JudgedAnswer } from '../contract/answer-book.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import { type CaseResult, shortBody } from './case-result.ts'
import { ANSWER_LENGTH, isRead, judgeCase } from './judge-case.ts'
import { judgeProbe } from './judge-probe.ts'
import { type OpenRun, openRun } from './open-run.ts'
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
  /** More backends of the design, each on a database of its own. They take a part of the cases that one instance is enough for. */
  readonly further?: readonly Stage[]
  /** Called after each case. */
  readonly onResult?: (result: CaseResult, done: number) => void
}

/** Reads that run at the same time on one backend. */
const AT_ONCE = 8

/** Claims of probes that ask two instances. Most of them wait for what one instance learns from another. */
const OF_INSTANCES = /^(races|identity|security\/F103)\//

/** Whether a probe asks all instances of a backend. */
export function asksInstances({ claim }: NamedCase): boolean {
  return OF_INSTANCES.test(claim)
}

/**
 * Inserts the rows of the world and runs cases: on each backend first those that only read, several at once, then writes and probes one by
 * one. The first backend begins with the probes about instances, and ends with those that come after all others.
 *
 * @returns a result for each case and each probe, and one for each kind of answer in the book.
 */
export async function runCases(stage: Stage, running: CaseRun): Promise<readonly CaseResult[]> {
  const { cases, probes = [], book = null, further = [], design, model, plan } = running
  return withClients([stage, ...further], async (clients) => {
    const results = new Map<NamedCase, CaseResult>()
    const keep = (result: CaseResult): void => {
      results.set(result.case, result)
      running.onResult?.(result, results.size)
    }
    const lanes = await Promise.all(
      [stage, ...further].map((own, i) => {
        const read = book === null || i === 0 ? book : { ...book, open: async () => {} }
        return openRun(own, { design, model, plan, book: read }, clients[i] as Connection)
      }),
    )
    const [first] = lanes as [OpenRun]
    const isFirst = (probe: ProbeCase): boolean => further.length > 0 && asksInstances(probe)
    const queue = {
      reads: cases.filter(({ request }) => isRead(request)).values(),
      writes: cases.filter(({ request }) => !isRead(request)).values(),
      probes: probes.filter((probe) => probe.last !== true && !isFirst(probe)).values(),
    }
    await settled(
      lanes.map(async (open) => {
        if (open === first) for (const probe of probes.filter(isFirst)) keep(await judgeProbe(open, probe))
        const reads = Array.from({ length: AT_ONCE }, async () => {
          for (const one of queue.reads) keep(await judgeCase(open, one))
        })
        await settled(reads)
        for (const one of queue.writes) keep(await judgeCase(open, one))
        for (const probe of queue.probes) keep(await judgeProbe(open, probe))
      }),
    )
    for (const probe of probes) if (probe.last === true) keep(await judgeProbe(first, probe))
    return [...[...cases, ...probes].flatMap((one) => results.get(one) ?? []), ...(book === null ? [] : bookResults(book))]
  })
}

/** Lends a connection to the database of each backend. */
async function withClients<T>(stages: readonly Stage[], work: (clients: readonly Connection[]) => Promise<T>): Promise<T> {
  const [stage, ...others] = stages
  if (stage === undefined) return work([])
  return withClient(stage.databaseUrl, (client) => withClients(others, (clients) => work([client, ...clients])))
}

/** Waits until all have ended. @throws the first error. */
async function settled(all: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(all)
  await Promise.all(all)
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
