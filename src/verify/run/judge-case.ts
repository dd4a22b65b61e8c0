/** Asks one case, compares what is answered and written with what the oracle expects, and puts the rows back. */

import { isDeepStrictEqual } from 'node:util'
import { entityNamed } from '../../model/model.ts'
import { absentId } from '../cases/absent-id.ts'
import type { Case } from '../cases/case.ts'
import type { AbstractRequest, BodyValues } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import { mismatchOf } from '../expected/compare.ts'
import { expectationOf } from '../expected/expectation.ts'
import { type Expectation, expecting } from '../expected/expected.ts'
import { hidingLogins } from '../expected/hidden-logins.ts'
import type { AllRows } from '../expected/reference.ts'
import { REST, type RequestTransport } from '../requests/transport.ts'
import { GRAPHQL } from '../requests/transport-graphql.ts'
import { TRANSACTION } from '../requests/transport-transaction.ts'
import { UPSERT } from '../requests/transport-upsert.ts'
import type { CaseResult } from './case-result.ts'
import { logMismatch } from './event-log.ts'
import { type Exchanges, openExchanges, otherForm } from './exchanges.ts'
import { type OpenRun, putBack } from './open-run.ts'
import { readRows } from './rows.ts'
import type { SentRequest } from './stage.ts'

const MOST_PAGES = 120

const TRANSPORTS: Readonly<Record<Case['api'], RequestTransport>> = {
  rest: REST,
  graphql: GRAPHQL,
  transaction: TRANSACTION,
  upsert: UPSERT,
}
/** What a body with a value that the design does not allow must lead to, whatever the rules are. */
const REFUSED = expecting(400, 'the design does not allow the value')

/** Why a write with hooks says nothing. */
const HOOKED = 'hooks of these writes answer otherwise than the rules alone'

/** The most characters of an answer that are kept. */
export const ANSWER_LENGTH = 2_000

/** Whether a request only reads. */
export function isRead({ kind }: AbstractRequest): boolean {
  return kind === 'get' || kind === 'list'
}

/** Asks one case. */
export async function judgeCase(open: OpenRun, one: Case): Promise<CaseResult> {
  const { reference, model, client } = open
  const transport = TRANSPORTS[one.api]
  const caller = { reference, user: one.user, sight: reference.sightOf(one.user) }
  const request = transport.adapt(caller, one.request)
  const plain = one.refused === undefined ? transport.expect(caller, request, expectationOf(reference, one.user, request)) : REFUSED
  const expected = hidingLogins(caller, request, plain)
  const began = performance.now()
  const exchanges = openExchanges(open, one)
  const { pages, sent, form } = await readablePages(open, one, { request, exchanges })
  const ms = performance.now() - began
  const after = isRead(request) ? null : await readRows(client, model)
  const [first] = pages
  const unread = exchanges.unanswered() ?? form
  const isOther = one.hooked === true && unread === null && !expected.statuses.includes(first?.status ?? 0)
  const wrong = unread ?? (isOther ? null : await wrongIn(open, one, { request, expected, pages, after, exchanges }))
  if (isOther) open.stage.takeDefects()
  if (after !== null) await putBack(open, after)
  return {
    case: one,
    ...(isOther ? { left: Object.fromEntries(one.goals.map((goal) => [goal, HOOKED])) } : {}),
    wrong,
    expected: { statuses: expected.statuses, why: expected.why, ...(expected.hidden === null ? {} : { hidden: true }) },
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
  readonly exchanges: Exchanges
}

async function wrongIn(open: OpenRun, one: Case, outcome: Outcome): Promise<string | null> {
  const { request, expected, pages, after } = outcome
  const defects = open.stage.takeDefects()
  if (defects[0] !== undefined) return `the backend logged a defect: ${defects[0]}`
  const sight = open.reference.sightOf(one.user)
  // Hooks may also have changed other values and rows.
  if (one.hooked === true && expected.statuses.some((status) => status < 300)) return null
  try {
    return (
      pointerMismatch(one, pages[0]) ??
      (one.served === true && pages[0]?.json?.code === 'index_required' ? 'an index was asked for, and the design declares it' : null) ??
      mismatchOf(open.reference, sight, request, expected, { pages, after }) ??
      (await loggedMismatch(open, after)) ??
      (await twinMismatch(open, one, outcome))
    )
  } catch (error) {
    return otherForm(error)
  }
}

/** A write must log exactly the events that the design promises, and a refused one none. */
async function loggedMismatch({ client, model, snapshot, reference }: OpenRun, after: AllRows | null): Promise<string | null> {
  if (after === null) return null
  return logMismatch({ client, model, design: reference.design, snapshot, before: reference.rows(), after })
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
async function twinMismatch(open: OpenRun, one: Case, { request, expected, pages, exchanges }: Outcome): Promise<string | null> {
  const twin = twinOf(open, one, { request, expected })
  if (twin === null) return null
  const asked = await pagesOf(open, one, { request: twin.request, exchanges })
  const text = (answer: Answered | undefined): string => `${answer?.status} ${answer?.text.replace(/"traceId":"[^"]*"/, '')}`
  const absent = twin.ids.reduce((said, [own, other]) => said.replaceAll(other, own), text(asked.pages[0]))
  const hidden = text(pages[0])
  return hidden === absent ? null : `a row that the caller may not read is answered ${hidden}, one that does not exist ${absent}`
}

interface Twin {
  readonly request: AbstractRequest
  /** The ids in the request, with those in the twin. */
  readonly ids: readonly (readonly [own: string, other: string])[]
}

interface Compared {
  readonly request: AbstractRequest
  readonly expected: Expectation
}

/** The same request about a row that does not exist; null where the request is about no hidden row. */
function twinOf({ reference }: OpenRun, { user }: Case, { request, expected: { hidden } }: Compared): Twin | null {
  if (request.kind === 'list') return null
  if (hidden === 'row' && request.kind !== 'create') {
    const id = absentId(request.id)
    return { request: { ...request, id }, ids: [[request.id, id]] }
  }
  if (hidden !== 'references' || request.kind === 'get' || request.kind === 'delete') return null
  const sight = reference.sightOf(user)
  const fields = entityNamed(reference.model, request.entity).fields
  const ids: (readonly [string, string])[] = []
  const replaced = (body: BodyValues): BodyValues =>
    Object.fromEntries(
      Object.entries(body).map(([name, value]) => {
        const type = fields.find((field) => field.name === name)?.type
        const target = type?.kind === 'ref' ? reference.find(type.entity, String(value)) : undefined
        // Only what the caller may not read is compared with what does not exist.
        if (type?.kind !== 'ref' || target === undefined || sight.sees(type.entity, target)) return [name, value]
        const other = absentId(String(value))
        ids.push([String(value), other])
        return [name, typeof value === 'number' ? Number(other) : other]
      }),
    )
  const twin: AbstractRequest =
    request.kind === 'create' ? { ...request, rows: request.rows.map(replaced) } : { ...request, body: replaced(request.body) }
  return ids.length === 0 ? null : { request: twin, ids }
}

interface Paging {
  readonly request: AbstractRequest
  readonly exchanges: Exchanges
}

/** The pages, and what is wrong where one of them cannot be read: then they are the last answer as it came. */
async function readablePages(open: OpenRun, one: Case, paging: Paging) {
  try {
    const read = await pagesOf(open, one, paging)
    return { ...read, form: one.api === 'rest' ? await linkMismatch(open, one, { ...paging, pages: read.pages }) : null }
  } catch (error) {
    const last = paging.exchanges.last()
    if (last === null) throw error
    return { pages: [last.answer], sent: last.sent, form: otherForm(error) }
  }
}

/** What is wrong with the address of the second page in the header of the first; null if nothing is. */
async function linkMismatch(
  { tokens }: OpenRun,
  { user }: Case,
  { exchanges, pages }: Paging & { readonly pages: readonly Answered[] },
): Promise<string | null> {
  const [first, second] = pages
  if (first === undefined || second === undefined) return null
  const [, url] = /<([^>]+)>; rel="next"/.exec(String(first.headers.link ?? '')) ?? []
  if (url === undefined) return 'the header Link has no address of the next page'
  const linked = await exchanges.ask({ method: 'GET', url, token: user === null ? null : (tokens.get(user) ?? null) })
  const isSame = isDeepStrictEqual(linked.json?.data, second.json.data) && linked.json?.page?.next === second.json.page?.next
  return isSame ? null : 'the address in the header Link leads to another page than the cursor'
}

/** The answer; of a list, every page. */
async function pagesOf(open: OpenRun, one: Case, { request, exchanges }: Paging) {
  const { reference, tokens } = open
  const transport = TRANSPORTS[one.api]
  const caller = { reference, user: one.user, sight: reference.sightOf(one.user) }
  const token = one.user === null ? null : (tokens.get(one.user) ?? null)
  const pages: Answered[] = []
  let first: Pick<SentRequest, 'method' | 'url' | 'body'> | null = null
  let next: string | null = null
  do {
    const said = transport.encode(caller, request, next)
    first ??= said
    const page = transport.decode(caller, request, await exchanges.ask({ ...said, token }))
    pages.push(page)
    next = request.kind === 'list' && page.status === 200 ? (page.json.page?.next ?? null) : null
  } while (next !== null && pages.length < MOST_PAGES)
  return { pages, sent: first }
}
