/** Which address does what: one row an address, one handler a method. HEAD and OPTIONS come by themselves. */

import type { FastifyRequest } from 'fastify'
import { failure } from '../base/failure.ts'
import { LIMITS } from '../base/limits.ts'
import type { Caller } from '../model/caller.ts'
import { login, logout, me, publicKeys, refresh, register } from './auth/auth.ts'
import type { Answer } from './http/answer.ts'
import { authenticate } from './http/authenticate.ts'
import { parseBody } from './http/body.ts'
import type { Handler, Handlers } from './http/route.ts'
import type { Documents } from './pages/documents.ts'
import type { Health } from './pages/health.ts'
import { DOCS_PATH, DOCS_SCRIPT_PATH, type DocsPage } from './pages/reference-page.ts'
import { readNothing, splitQuery } from './rest/query-string.ts'
import { COLLECTION_METHODS, ROW_METHODS, readIntent } from './rest/rest-intent.ts'
import { prepareTransaction } from './rest/transaction.ts'
import { runnerFor } from './write/client-gone.ts'
import { performOnce, readKey } from './write/idempotent.ts'
import { type Asked, prepareAsked, type Stack } from './write/perform.ts'

/** Every address of a backend. */
export function routesOf(stack: Stack, health: Health, documents: Documents): ReadonlyMap<string, Handlers> {
  return new Map([
    ['/health/live', on({ GET: async () => health.live() })],
    ['/health/ready', on({ GET: async () => health.ready() })],
    ['/openapi.json', on({ GET: async (request) => documents.openapi(await callerOf(stack, request)) })],
    ...(documents.reference === null ? [] : referenceRoutes(documents.reference)),
    ...(documents.firstPage === null ? [] : [['/', on({ GET: documents.firstPage })] as const]),
    ...(stack.identity === null ? [] : authRoutes(stack)),
    ['/api/transaction', on({ POST: plain((request) => transact(stack, request)) })],
    ['/api/:path', rowRoute(stack, COLLECTION_METHODS)],
    ['/api/:path/:id', rowRoute(stack, ROW_METHODS)],
  ])
}

function referenceRoutes({ page, script }: DocsPage): readonly (readonly [string, Handlers])[] {
  return [
    [DOCS_PATH, on({ GET: page })],
    [DOCS_SCRIPT_PATH, on({ GET: script })],
  ]
}

function on(handlers: Readonly<Record<string, Handler>>): Handlers {
  return new Map(Object.entries(handlers))
}

async function transact(stack: Stack, request: FastifyRequest): Promise<Answer> {
  const caller = await callerOf(stack, request)
  const body = bodyOf(request)
  const prepare = () => prepareTransaction(stack, { caller, body })
  return performOnce(runnerFor(stack, request), readKey(request, caller), { prepare, withinMs: LIMITS.transactionMs })
}

function authRoutes(stack: Stack): readonly (readonly [string, Handlers])[] {
  const asCaller = (work: (stack: Stack, caller: Caller, body: unknown) => Promise<Answer>): Handler => {
    return plain(async (request) => work(stack, await callerOf(stack, request), optionalBody(request)))
  }
  return [
    ['/api/auth/register', on({ POST: plain(async (request) => register(stack, await callerOf(stack, request), bodyOf(request))) })],
    ['/api/auth/login', on({ POST: plain(async (request) => login(stack, bodyOf(request))) })],
    ['/api/auth/refresh', on({ POST: plain(async (request) => refresh(stack, bodyOf(request))) })],
    ['/api/auth/logout', on({ POST: asCaller(logout) })],
    ['/api/auth/me', on({ GET: asCaller(me) })],
    ['/.well-known/jwks.json', on({ GET: async () => publicKeys(stack) })],
  ]
}

/** A handler that takes no parameters, and says so. */
function plain(handler: Handler): Handler {
  return async (request) => {
    readNothing(splitQuery(queryOf(request)))
    return handler(request)
  }
}

function rowRoute(stack: Stack, methods: readonly string[]): Handlers {
  const entities = new Map(stack.model.entities.map((entity) => [entity.path, entity]))
  const handler: Handler = async (request) => {
    const { path = '', id = null } = request.params as { readonly path?: string; readonly id?: string }
    const entity = entities.get(path)
    if (entity === undefined) throw failure('route_not_found', {})
    const caller = await callerOf(stack, request)
    const [ifMatch, prefer] = [headerOf(request, 'if-match'), headerOf(request, 'prefer')]
    const intent = readIntent({ method: request.method, entity, id, query: queryOf(request), ifMatch, prefer, body: bodyOf(request) })
    const asked: Asked = { caller, intent, framing: { url: request.url, ifNoneMatch: headerOf(request, 'if-none-match') } }
    const key = intent.kind === 'get' || intent.kind === 'list' ? null : readKey(request, caller)
    return performOnce(runnerFor(stack, request), key, { prepare: () => prepareAsked(stack, asked), withinMs: null })
  }
  return new Map(methods.filter((method) => method !== 'OPTIONS').map((method) => [method, handler]))
}

function callerOf(stack: Stack, request: FastifyRequest): Promise<Caller> {
  return authenticate(stack.identity, request.headers.authorization)
}

/** A header that Node gives as one text, as it does for all that are read here. */
function headerOf(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' ? value : null
}

function queryOf(request: FastifyRequest): string {
  const at = request.url.indexOf('?')
  return at < 0 ? '' : request.url.slice(at + 1)
}

const BODY_METHODS = new Set(['POST', 'PATCH', 'PUT'])

/** The parsed body of a method that has one. @throws Failure when it is missing or not JSON. */
function bodyOf(request: FastifyRequest): unknown {
  if (!BODY_METHODS.has(request.method)) return undefined
  if (!Buffer.isBuffer(request.body))
    throw failure('malformed_request', { what: 'the body is missing; send a JSON object as application/json' })
  return parseBody(request.body)
}

/** Like `bodyOf`, where leaving the body out is fine: undefined. */
function optionalBody(request: FastifyRequest): unknown {
  return Buffer.isBuffer(request.body) && request.body.length > 0 ? parseBody(request.body) : undefined
}
