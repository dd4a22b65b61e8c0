/** Serves one design, sends requests, and compares each answer with the reference. */

import type { TestContext } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type pg from 'pg'
import type { Model } from '../../../src/model/model.ts'
import { entityNamed } from '../../../src/model/model.ts'
import type { Observation } from '../../../src/server/http/observe.ts'
import type { AbstractRequest } from '../../../src/verify/expected/abstract-request.ts'
import { decisionsIn, mismatchOf } from '../../../src/verify/expected/compare.ts'
import { expectationOf } from '../../../src/verify/expected/expectation.ts'
import type { Expectation } from '../../../src/verify/expected/expected.ts'
import { type AllRows as Rows, referenceOf, type Sight } from '../../../src/verify/expected/reference.ts'
import { REST, type RequestCaller, type RequestTransport } from '../../../src/verify/requests/transport.ts'
import { GRAPHQL } from '../../../src/verify/requests/transport-graphql.ts'
import { type Answered, type TestBackend, testBackend } from '../../support/backend.ts'
import { earlyClient } from '../../support/early-client.ts'
import type { Random } from '../../support/random.ts'
import type { AuthoredDesign } from '../design/authored.ts'
import { clearRows, plantRows, readRows, rowId } from '../design/random-rows.ts'
import { strangeId } from '../design/random-value.ts'
import type { Reference } from './authored-reference.ts'

const TRANSPORTS = { rest: REST, graphql: GRAPHQL } as const satisfies Record<string, RequestTransport>

/** The backend, the reference and the statistics of a run. */
export type Api = keyof typeof TRANSPORTS

export const APIS = Object.keys(TRANSPORTS) as readonly Api[]

export interface Trial {
  readonly random: Random
  readonly reference: Reference
  /** The callers: an anonymous one (null), and some users whose rows stay. */
  readonly users: readonly (string | null)[]
  /** Answers by API, kind of request and status. */
  readonly tally: ReadonlyMap<string, number>
  /** Sends a request and returns the number of compared decisions. @throws Mismatch for the first that differs. */
  readonly judge: (user: string | null, request: AbstractRequest, api: Api) => Promise<number>
  /** Puts the rows back as they were at the start. */
  readonly replant: () => Promise<void>
}

export interface TrialOptions {
  readonly random: Random
  readonly design: AuthoredDesign
  /** The model for the reference. */
  readonly model: Model
  /** The model for the server: the same, or a model with a fault. */
  readonly served: Model
  readonly rows: Rows
  /** A migrated database, whose rows are replaced; a new one when left out. */
  readonly databaseUrl?: string
}

/** The server and the reference differ. */
export class Mismatch extends Error {}

/** Starts a server with rows in its database. It closes after the test. */
export async function openTrial(t: TestContext, { random, design, model, served, rows, databaseUrl }: TrialOptions): Promise<Trial> {
  const faults: string[] = []
  const observe = (seen: Observation) => {
    if (seen.kind === 'defect') faults.push(String(seen.error instanceof Error ? seen.error.stack : seen.error))
    else if (seen.kind === 'request-failed' && seen.failure.status >= 500) faults.push(String(seen.failure.note))
  }
  const connect = earlyClient(t)
  const backend = await testBackend(t, served, { observe, ...(databaseUrl === undefined ? {} : { databaseUrl }) })
  const client = await connect(backend.databaseUrl)
  await clearRows(client, model)
  await plantRows(client, model, rows)
  const reference = referenceOf(design, model, await readRows(client, model))
  const users = [null, ...[0, 1, 2, 3].map((n) => rowId(0, n))]
  const tokens = new Map<string | null, string>()
  for (const user of users) if (user !== null) tokens.set(user, await backend.tokenFor(user))
  const tally = new Map<string, number>()
  const court: Court = { backend, client, reference, random, tokens, tally, faults }
  return {
    random,
    reference,
    users,
    tally,
    judge: (user, request, api) => judge(court, { user, api }, request),
    async replant() {
      await clearRows(client, model)
      await plantRows(client, model, rows)
      reference.adopt(await readRows(client, model))
    },
  }
}

interface Court {
  readonly backend: TestBackend
  readonly client: pg.Client
  readonly reference: Reference
  readonly random: Random
  readonly tokens: ReadonlyMap<string | null, string>
  readonly tally: Map<string, number>
  /** The internal errors that the server has logged. */
  readonly faults: string[]
}

/** The caller and the API of a request. */
interface Asking {
  readonly user: string | null
  readonly api: Api
}

async function judge(court: Court, asking: Asking, asked: AbstractRequest): Promise<number> {
  const { reference, tally, client } = court
  const { caller, transport } = transportFor(court, asking)
  const { user, sight } = caller
  const request = transport.adapt(caller, asked)
  const expected = transport.expect(caller, request, expectationOf(reference, user, request))
  const pages = await answersTo(court, asking, request)
  const reads = request.kind === 'get' || request.kind === 'list'
  const after = reads ? null : await readRows(client, reference.model)
  const wrong =
    mismatchOf(reference, sight, request, expected, { pages, after }) ??
    (after === null ? null : registeredMismatch(reference, request, after, pages)) ??
    (await twinMismatch(court, asking, { request, expected, pages }))
  if (wrong !== null) throw new Mismatch(described(court, asking, { request, expected, pages, wrong }))
  const what = `${asking.api} ${request.kind} ${pages[0]?.json?.code === 'index_required' ? 'unserved' : pages[0]?.status}`
  tally.set(what, (tally.get(what) ?? 0) + 1)
  const decisions = decisionsIn(reference, request, expected)
  if (after !== null) reference.adopt(after)
  return decisions
}

function transportFor(
  { reference }: Court,
  { user, api }: Asking,
): { readonly caller: RequestCaller; readonly transport: RequestTransport } {
  return { caller: { reference, user, sight: reference.sightOf(user) }, transport: TRANSPORTS[api] }
}

/** The answer; of a list, every page. */
async function answersTo(court: Court, asking: Asking, request: AbstractRequest): Promise<readonly Answered[]> {
  const { caller, transport } = transportFor(court, asking)
  const pages: Answered[] = []
  let next: string | null = null
  do {
    const { method, url, body, headers = {} } = transport.encode(caller, request, next)
    const token = court.tokens.get(asking.user)
    const page = transport.decode(caller, request, await court.backend.ask(method, url, { token, body, headers }))
    pages.push(page)
    next = request.kind === 'list' && page.status === 200 ? (page.json.page?.next ?? null) : null
  } while (next !== null && pages.length < 100)
  return pages
}

/** Registering answers with the new user's own row, as that user sees it. */
function registeredMismatch(
  { design, model }: Reference,
  request: AbstractRequest,
  after: Rows,
  [answer]: readonly Answered[],
): string | null {
  if (request.kind !== 'create' || request.by !== 'register' || answer?.status !== 201) return null
  const { user } = answer.json
  const then = referenceOf(design, model, after)
  const row = then.find(request.entity, user.id)
  const sight = then.sightOf(user.id)
  if (row === undefined) return 'no account was registered'
  const shown = sight.sees(request.entity, row) ? sight.show(request.entity, row, request.selected) : { id: row.id }
  return isDeepStrictEqual(user, shown) ? null : `user, expected ${JSON.stringify(shown)}`
}

interface Outcome {
  readonly request: AbstractRequest
  readonly expected: Expectation
  readonly pages: readonly Answered[]
}

/** Checks that the answer for something hidden equals the answer for something that does not exist, byte by byte. */
async function twinMismatch(court: Court, asking: Asking, { request, expected, pages }: Outcome): Promise<string | null> {
  if (expected.hidden === null) return null
  const { reference, random } = court
  const twin =
    expected.hidden === 'row'
      ? aboutStranger(random, request)
      : withStrangers(reference, reference.sightOf(asking.user), { random, request })
  const [other] = await answersTo(court, asking, twin)
  const [a, b] = [pages[0], other].map((answer) => `${answer?.status} ${answer?.text.replace(/"traceId":"[^"]*"/, '')}`)
  return a === b ? null : `something hidden is answered ${a}, something that does not exist ${b}`
}

function aboutStranger(random: Random, request: AbstractRequest): AbstractRequest {
  return request.kind === 'list' || request.kind === 'create' ? request : { ...request, id: strangeId(random) }
}

function withStrangers(
  reference: Reference,
  sight: Sight,
  { random, request }: { readonly random: Random; readonly request: AbstractRequest },
): AbstractRequest {
  const { fields } = entityNamed(reference.model, request.entity)
  const replace = (body: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(body).map(([name, value]) => {
        const field = fields.find((one) => one.name === name)
        // A field that the server sets is sent only as the answer has shown it, so its value is not hidden.
        if (field?.type.kind !== 'ref' || typeof value !== 'string' || field.default?.kind === 'set') return [name, value]
        const { type } = field
        const target = reference.find(type.entity, value)
        return [name, target !== undefined && sight.sees(type.entity, target) ? value : strangeId(random)]
      }),
    )
  if (request.kind === 'create') return { ...request, rows: request.rows.map(replace) }
  return request.kind === 'update' ? { ...request, body: replace(request.body) } : request
}

function described(court: Court, asking: Asking, { request, expected, pages, wrong }: Outcome & { readonly wrong: string }): string {
  const { reference, faults } = court
  const { caller, transport } = transportFor(court, asking)
  const { method, url, body, headers } = transport.encode(caller, request, null)
  const claims = JSON.stringify(Object.fromEntries(caller.sight.caller.claims))
  const row = 'id' in request ? `\nrow: ${JSON.stringify(reference.find(request.entity, request.id))}` : ''
  return [
    wrong,
    `${method} ${decodeURIComponent(url)} ${JSON.stringify(headers ?? {})} ${JSON.stringify(body) ?? ''}`,
    `caller: ${asking.user === null ? 'nobody' : claims}`,
    `expected: ${expected.statuses.join(' or ')}, as ${expected.why}${row}`,
    ...pages.map((page) => `answer: ${page.status} ${page.text}`),
    ...faults.map((fault) => `log: ${fault}`),
    `design: ${JSON.stringify(reference.design.entities[request.entity])}`,
  ].join('\n')
}
