/** Asks an environment the cases that were planned for it, one by one, at a bounded rate. */

import type { LeftOut, PlannedFamily } from '../cases/family-plan.ts'
import type { ProbeCase, ProbeTools } from '../cases/probe.ts'
import type { AnswerBook } from '../contract/answer-book.ts'
import type { Answered } from '../expected/answered.ts'
import { type CaseResult, shortBody } from '../run/case-result.ts'
import { ANSWER_LENGTH } from '../run/judge-case.ts'
import { bookResults } from '../run/run-cases.ts'
import type { KnownEnvironment, TokenRequest } from './environment.ts'
import { OutOfRequests } from './pace.ts'
import { WriteNotAllowed } from './read-only.ts'

/** What is asked, and how. */
export interface AgainstRun {
  readonly known: KnownEnvironment
  readonly probes: readonly ProbeCase[]
  readonly book: AnswerBook
  /** Sends a request at a bounded rate. */
  readonly send: (request: TokenRequest) => Promise<Answered>
}

/** What came of it. */
export interface AgainstOutcome {
  readonly results: readonly CaseResult[]
  /** The probes that were not asked, with the reason. */
  readonly left: readonly { readonly probe: ProbeCase; readonly why: string }[]
}

const WRITES = 'they send requests that may write: --allow writes'
const SPENT = 'the limit of requests of a run was reached'
const GONE = 'the environment gave no answer any more'
/** How often a probe is asked again whose connection broke, and after how many such probes no more are asked. */
const REPETITIONS = 2
const MOST_BROKEN = 3

/** Asks all probes. A probe that would send what is not allowed is left out, also with what it has shown before. */
export async function runAgainst({ known, probes, book, send }: AgainstRun): Promise<AgainstOutcome> {
  const tokens = new Map(known.callers.map(({ id, token }) => [id, token]))
  const tokenOf: ProbeTools['tokenOf'] = (user) => (user === null ? null : (tokens.get(user) ?? null))
  await book.open([null, ...tokens.keys()], (user, sent) => send({ ...sent, token: tokenOf(user) }))
  const results: CaseResult[] = []
  const left: { readonly probe: ProbeCase; readonly why: string }[] = []
  let broken = 0
  for (const probe of probes) {
    const outcome = broken >= MOST_BROKEN ? GONE : await askedOrWhy(probe, { book, send, tokenOf })
    if (outcome instanceof ConnectionBroken) left.push({ probe, why: `no answer came, also when asked again: ${outcome.message}` })
    else if (typeof outcome === 'string') left.push({ probe, why: outcome })
    else results.push(outcome)
    broken = outcome instanceof ConnectionBroken ? broken + 1 : outcome === GONE ? broken : 0
  }
  return { results: [...results, ...bookResults(book)], left }
}

type Asking = Pick<AgainstRun, 'book' | 'send'> & Pick<ProbeTools, 'tokenOf'>

/** The result of a probe, or why there is none. A connection that breaks does not end the run: the probe is asked again. */
async function askedOrWhy(probe: ProbeCase, asking: Asking): Promise<CaseResult | string | ConnectionBroken> {
  for (let again = 0; ; again++) {
    try {
      return await asked(probe, asking)
    } catch (error) {
      if (error instanceof WriteNotAllowed) return WRITES
      if (error instanceof OutOfRequests) return SPENT
      if (!(error instanceof ConnectionBroken)) throw error
      if (again === REPETITIONS) return error
    }
  }
}

/** A request got no answer. */
class ConnectionBroken extends Error {
  override readonly name = 'ConnectionBroken'
}

async function asked(probe: ProbeCase, { book, send, tokenOf }: Asking): Promise<CaseResult> {
  const began = performance.now()
  const tools: ProbeTools = {
    send: async ({ instance: _, undescribed: __, ...request }) => {
      const answer = withoutProxy(await send(request).catch(brokenConnection))
      book.see({ by: probe.name, user: probe.user, sent: request, answer })
      return answer
    },
    tokenOf,
    ...NO_DATABASE,
  }
  const { wrong, statuses, why, sent, answer, left } = await probe.ask(tools)
  return {
    case: probe,
    ...(left === undefined ? {} : { left }),
    wrong,
    expected: { statuses, why },
    sent: { method: sent.method, url: sent.url, body: shortBody(sent.body) },
    status: answer.status,
    answer: answer.text.slice(0, ANSWER_LENGTH),
    ms: Math.round((performance.now() - began) * 10) / 10,
  }
}

function brokenConnection(error: unknown): never {
  if (error instanceof WriteNotAllowed || error instanceof OutOfRequests) throw error
  throw new ConnectionBroken(error instanceof Error ? error.message : String(error), { cause: error })
}

const none = (): Promise<never> => Promise.reject(new Error('the database of an environment is not open to verify'))

const NO_DATABASE = {
  planOf: none,
  newToken: none,
  before: new Map(),
  rows: none,
  traces: none,
  plant: none,
  replaceRows: none,
  events: none,
  forgetJobs: none,
  removeRow: none,
  returnRow: none,
  instances: 1,
  signing: null,
  log: () => null,
  secrets: () => [],
} as const

/** An answer without the names of proxies before the backend, which are no part of it. */
function withoutProxy(answer: Answered): Answered {
  const { server: _, via: __, ...headers } = answer.headers
  return { ...answer, headers }
}

/** The families without what was left out, and the reasons, by reason. */
export function withoutLeft(
  families: readonly PlannedFamily['plan'][],
  left: AgainstOutcome['left'],
): { readonly plans: readonly PlannedFamily['plan'][]; readonly reasons: readonly (LeftOut & { readonly count: number })[] } {
  const goals = Map.groupBy(left, ({ probe }) => probe.claim)
  const plans = families.map((plan) => {
    const lost = new Set((goals.get(plan.id) ?? []).flatMap(({ probe }) => probe.goals))
    return {
      ...plan,
      asked: plan.asked.filter((goal) => !lost.has(goal)),
      untested: [...plan.untested, ...plan.asked.filter((goal) => lost.has(goal))],
    }
  })
  const reasons = [...Map.groupBy(left, ({ why }) => why)].map(([why, of]) => ({
    what: `cases of ${[...new Set(of.map(({ probe }) => probe.claim.split('/').slice(0, 2).join('/')))].join(', ')}`,
    why,
    count: of.length,
  }))
  return { plans, reasons }
}
