/** The handler of each endpoint. TypeScript reports an endpoint without a handler. */

import { invalid } from '../base/failure.ts'
import type { MaybePromise } from '../base/waiting/when-ready.ts'
import type { ActionEndpointName } from '../compile/endpoints/action-endpoints.ts'
import type { EndpointName } from '../compile/endpoints/endpoints.ts'
import type { GraphqlEndpointName } from '../compile/endpoints/page-endpoints.ts'
import type { RowEndpointName } from '../compile/endpoints/row-endpoints.ts'
import { ANONYMOUS, type Caller } from '../model/caller.ts'
import { login, logout, me, publicKeys, refresh } from './auth/auth.ts'
import { register } from './auth/register.ts'
import type { Answer } from './http/answer.ts'
import { authenticate } from './http/caller/authenticate.ts'
import type { HttpRequest, PathParameters } from './http/request.ts'
import type { Addresses, HandlersOf } from './http/route.ts'
import type { Documents } from './pages/documents.ts'
import type { Health } from './pages/health.ts'
import { runColumns } from './read/read.ts'
import { queryOf, type Received } from './receive.ts'
import { findTarget, noSuchAddress, type RowTarget } from './rest/address.ts'
import { prepareAsked } from './rest/perform.ts'
import { prepareRestRead } from './rest/prepare-rest-read.ts'
import { respondToRead } from './rest/respond-read.ts'
import { readIntent } from './rest/rest-intent.ts'
import { prepareTransaction } from './rest/transaction.ts'
import { clientOf, stackForRequest } from './run/for-client.ts'
import type { Stack } from './run/stack.ts'
import { keyedStack, performOnce } from './write/idempotent.ts'

/** What the handlers use. */
export interface HandlerParts {
  readonly stack: Stack
  readonly health: Health
  readonly documents: Documents
  readonly graphql: HandlersOf<GraphqlEndpointName>
}

type RowHandler = (parts: HandlerParts, received: Received & RowTarget) => MaybePromise<Answer>
type ServiceHandler = (parts: HandlerParts, received: Received) => MaybePromise<Answer>

/** The handlers of the endpoints for rows, by name. */
export const ROW_HANDLERS: Readonly<Record<RowEndpointName, RowHandler>> = {
  listRows: answerRows,
  createRows: answerRows,
  createManyRows: (parts, received) => {
    if (!Array.isArray(received.body)) throw invalid([{ pointer: '', rule: 'type', message: 'must be a list of rows' }])
    return answerRows(parts, received)
  },
  getRow: answerRows,
  updateRow: answerRows,
  replaceRow: answerRows,
  deleteRow: answerRows,
}

/** Handlers of the other endpoints. GraphQL's are in `HandlerParts`, because their library is loaded late. */
export const SERVICE_HANDLERS: Readonly<
  Record<Exclude<EndpointName, RowEndpointName | ActionEndpointName | GraphqlEndpointName>, ServiceHandler>
> = {
  runTransaction: ({ stack }, { request, endpoint, caller, body, key }) => {
    const own = keyedStack(stackForRequest(stack, request, caller), key)
    const collect = () => stack.largeAnswers.collect(request)
    const prepare = () => prepareTransaction(own, { caller, body, collect })
    return performOnce(own, key, { prepare, withinMs: endpoint.limit.transactionMs })
  },
  register: ({ stack }, { request, caller, body, key }) =>
    register(stackForRequest(stack, request, caller), { request, caller, body, key }),
  login: ({ stack }, { request, caller, body }) => login(stackForRequest(stack, request, caller), request, body),
  refreshSession: ({ stack }, { request, body }) => refresh(stack, request, body),
  logout: ({ stack }, { caller, body }) => logout(stack, caller, body),
  getMe: ({ stack }, { request, caller }) => me(stack, caller, stack.executor.forClient(clientOf(request, caller)).run),
  getKeys: async ({ stack }) => publicKeys(stack),
  getLiveness: async ({ health }) => health.live(),
  getReadiness: ({ health }) => health.ready(),
  getOpenApi: async ({ documents }, { caller }) => documents.openapi(caller),
  getDocs: ({ documents }) => documents.reference.page(),
  getDocsScript: ({ documents }) => documents.reference.script(),
  getFirstPage: async ({ documents }) => documents.firstPage(),
  getMailbox: async ({ documents }, { request }) => documents.mailbox(request),
}

/** Reads or writes rows, according to the method of the request. */
function answerRows(
  { stack }: HandlerParts,
  { request, endpoint, caller, body, key, entity, id }: Received & RowTarget,
): MaybePromise<Answer> {
  const [ifMatch, prefer] = [headerOf(request, 'if-match'), headerOf(request, 'prefer')]
  const asked = { method: request.method, entity, id, query: queryOf(request), ifMatch, prefer, body }
  const framing = { url: request.url, ifNoneMatch: headerOf(request, 'if-none-match'), ifMatch }
  if (asked.method === 'GET' || asked.method === 'HEAD') {
    const read = prepareRestRead(stack, caller, asked)
    return runColumns(stack, stack.executor.forClient(clientOf(request, caller)).run, read).then((found) => {
      const answer = respondToRead(found, framing)
      stack.largeAnswers.require(answer.body?.length ?? 0, request)
      return answer
    })
  }
  const intent = readIntent(asked)
  const own = keyedStack(stackForRequest(stack, request, caller), key)
  const prepare = () => prepareAsked(own, { caller, intent, framing })
  return performOnce(own, key, { prepare, withinMs: endpoint.limit.transactionMs })
}

/** A header as text. Node gives every header that is read here as one text. */
export function headerOf(request: HttpRequest, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' ? value : null
}

/** The rows that an address names; null when it names none. */
export function targetOf({ model }: Stack, { path = '', id }: PathParameters): RowTarget | null {
  return findTarget(model, { path, id: id ?? null })
}

/** The addresses of rows. */
export function rowAddresses(stack: Stack): Addresses {
  return {
    named: ['path'],
    has: (parameters) => targetOf(stack, parameters) !== null,
    async refuse({ path = '', id }, authorization) {
      throw noSuchAddress(stack, await callerOrAnonymous(stack, authorization), { path, id: id ?? null })
    },
    methods: () => null,
  }
}

/** The path is checked before the caller, so a wrong token does not matter here. */
async function callerOrAnonymous(stack: Stack, authorization: string | undefined): Promise<Caller> {
  try {
    return await authenticate(stack, authorization)
  } catch {
    return ANONYMOUS
  }
}
