/** Asks a backend the cases of a design and compares what it answers and writes with what the oracle expects. */

import type { Model } from '../../model/model.ts'
import { type Connection, withClient } from '../../postgres/connect.ts'
import type { Case } from '../cases/case.ts'
import type { CasePlan } from '../cases/cases-of.ts'
import type { AbstractRequest } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import { mismatchOf } from '../expected/compare.ts'
import { expectationOf } from '../expected/expectation.ts'
import { type Expectation, expecting } from '../expected/expected.ts'
import { type AllRows, type ReferenceBackend, referenceOf } from '../expected/reference.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import { REST, type RequestTransport } from '../requests/transport.ts'
import { GRAPHQL } from '../requests/transport-graphql.ts'
import { TRANSACTION } from '../requests/transport-transaction.ts'
import { insertRows, readRows, restore, type Snapshot, takeSnapshot } from './rows.ts'
import type { SentRequest, Stage } from './stage.ts'

/** What came of a case. */
export interface CaseResult {
  readonly case: Case
  /** What is wrong; null if all is as expected. */
  readonly wrong: string | null
  readonly expected: { readonly statuses: readonly number[]; readonly why: string }
  readonly sent: Pick<SentRequest, 'method' | 'url' | 'body'>
  readonly status: number
  /** The beginning of the answer. */
  readonly answer: string
  readonly ms: number
}

/** What is run. */
export interface CaseRun {
  readonly design: WrittenDesign
  readonly model: Model
  readonly plan: CasePlan
  readonly cases: readonly Case[]
  /** Called after each case. */
  readonly onResult?: (result: CaseResult, done: number) => void
}

const TRANSPORTS: Readonly<Record<Case['api'], RequestTransport>> = { rest: REST, graphql: GRAPHQL, transaction: TRANSACTION }

/** What a body with a value that the design does not allow must lead to, whatever the rules are. */
const REFUSED = expecting(400, 'the design does not allow the value')

/** Reads that run at the same time. */
const AT_ONCE = 8
const ANSWER_LENGTH = 2_000

/** Inserts the rows of the world and runs cases: first all that only read, several at once, then the writes one by one. */
export async function runCases(stage: Stage, running: CaseRun): Promise<readonly CaseResult[]> {
  return withClient(stage.databaseUrl, async (client) => {
    const open = await openRun(stage, running, client)
    const results = new Map<Case, CaseResult>()
    const keep = (result: CaseResult): void => {
      results.set(result.case, result)
      running.onResult?.(result, results.size)
    }
    const reads = running.cases.filter(({ request }) => isRead(request))
    const queue = reads.values()
    const readOn = async (): Promise<void> => {
      for (const one of queue) keep(await judge(open, one))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, readOn))
    for (const one of running.cases) if (!isRead(one.request)) keep(await judge(open, one))
    return running.cases.flatMap((one) => results.get(one) ?? [])
  })
}

function isRead({ kind }: AbstractRequest): boolean {
  return kind === 'get' || kind === 'list'
}

interface OpenRun {
  readonly stage: Stage
  readonly model: Model
  readonly client: Connection
  readonly reference: ReferenceBackend
  readonly rows: AllRows
  readonly snapshot: Snapshot
  readonly tokens: Map<string, string>
}

async function openRun(stage: Stage, { design, model, plan }: CaseRun, client: Connection): Promise<OpenRun> {
  await insertRows(client, model, plan.world.rows)
  const rows = await readRows(client, model)
  const snapshot = await takeSnapshot(client, model)
  const tokens = new Map<string, string>()
  for (const account of plan.world.accounts) tokens.set(account, await stage.tokenFor(account))
  return { stage, model, client, reference: referenceOf(design, model, rows), rows, snapshot, tokens }
}

async function judge(open: OpenRun, one: Case): Promise<CaseResult> {
  const { reference, model, client } = open
  const transport = TRANSPORTS[one.api]
  const caller = { reference, user: one.user, sight: reference.sightOf(one.user) }
  const request = transport.adapt(caller, one.request)
  const expected = one.refused === undefined ? transport.expect(caller, request, expectationOf(reference, one.user, request)) : REFUSED
  const began = performance.now()
  const { pages, sent } = await pagesOf(open, one, request)
  const ms = performance.now() - began
  const after = isRead(request) ? null : await readRows(client, model)
  const wrong = await wrongIn(open, one, { request, expected, pages, after })
  if (after !== null) await putBack(open, after)
  const [first] = pages
  return {
    case: one,
    wrong,
    expected: { statuses: expected.statuses, why: expected.why },
    sent,
    status: first?.status ?? 0,
    answer: (first?.text ?? '').slice(0, ANSWER_LENGTH),
    ms: Math.round(ms * 10) / 10,
  }
}

interface Outcome {
  readonly request: AbstractRequest
  readonly expected: Expectation
  readonly pages: readonly Answered[]
  readonly after: AllRows | null
}

async function wrongIn(open: OpenRun, one: Case, { request, expected, pages, after }: Outcome): Promise<string | null> {
  const defects = open.stage.takeDefects()
  if (defects[0] !== undefined) return `the backend logged a defect: ${defects[0]}`
  const sight = open.reference.sightOf(one.user)
  try {
    return (
      pointerMismatch(one, pages[0]) ??
      mismatchOf(open.reference, sight, request, expected, { pages, after }) ??
      (await twinMismatch(open, one, { request, expected, pages, after }))
    )
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return `the answer has another form: ${error.message}`
  }
}

/** A refused value must be named by its pointer. GraphQL refuses variables in a form of its own. */
function pointerMismatch({ refused, api }: Case, answer: Answered | undefined): string | null {
  if (refused === undefined || api === 'graphql' || answer?.status !== 400) return null
  const pointers = (answer.json?.errors ?? []).map(({ pointer }: { readonly pointer?: string }) => String(pointer))
  return pointers.some((pointer: string) => pointer.includes(`/${refused}`))
    ? null
    : `the answer names ${pointers.join(', ') || 'nothing'}, expected /${refused}`
}

/** A row that the caller may not read must be answered as one that does not exist. */
async function twinMismatch(open: OpenRun, one: Case, { request, expected, pages }: Outcome): Promise<string | null> {
  if (expected.hidden !== 'row' || request.kind === 'list' || request.kind === 'create') return null
  const id = absentId(request.id)
  const twin = await pagesOf(open, one, { ...request, id })
  const text = (answer: Answered | undefined): string => `${answer?.status} ${answer?.text.replace(/"traceId":"[^"]*"/, '')}`
  const [hidden, absent] = [text(pages[0]), text(twin.pages[0]).replaceAll(id, request.id)]
  return hidden === absent ? null : `a row that the caller may not read is answered ${hidden}, one that does not exist ${absent}`
}

function absentId(id: string): string {
  if (/^\d+$/.test(id)) return '999999999'
  return id.includes('-7') ? id.replace(/.{8}$/, 'ffffff00') : `${id}x`
}

const MOST_PAGES = 50

/** The answer; of a list, every page. */
async function pagesOf(open: OpenRun, one: Case, request: AbstractRequest) {
  const { reference, stage, tokens } = open
  const transport = TRANSPORTS[one.api]
  const caller = { reference, user: one.user, sight: reference.sightOf(one.user) }
  const token = one.user === null ? null : (tokens.get(one.user) ?? null)
  const pages: Answered[] = []
  let first: Pick<SentRequest, 'method' | 'url' | 'body'> | null = null
  let next: string | null = null
  do {
    const said = transport.encode(caller, request, next)
    first ??= said
    const page = transport.decode(caller, request, await stage.ask({ ...said, token }))
    pages.push(page)
    next = request.kind === 'list' && page.status === 200 ? (page.json.page?.next ?? null) : null
  } while (next !== null && pages.length < MOST_PAGES)
  return { pages, sent: first }
}

/** Puts the rows back. Accounts that were changed get a new session, because theirs may have ended. */
async function putBack(open: OpenRun, after: AllRows): Promise<void> {
  const { client, model, snapshot, rows, tokens, stage } = open
  const changed = await restore(client, model, { snapshot, before: rows, after })
  const accounts = changed.get(model.identity?.entity ?? '') ?? []
  for (const account of accounts) if (tokens.has(account)) tokens.set(account, await stage.tokenFor(account))
}
