/** The HTTP surface of one design: addresses to handlers, answers to the wire. */

import { randomBytes } from 'node:crypto'
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { Failure, failure } from '../base/failure.ts'
import type { Entity } from '../model/model.ts'
import type { Answer } from './answer.ts'
import { login, logout, me, publicKeys, refresh, register } from './auth.ts'
import { authenticate } from './authenticate.ts'
import { parseBody } from './body.ts'
import { handle, type Stack } from './handle.ts'
import { JSON_TYPE, SECURITY_HEADERS, STRICT_TRANSPORT } from './headers.ts'
import type { Health } from './health.ts'
import { LIMITS } from './limits.ts'
import type { Observe } from './observe.ts'
import { problemAnswer } from './problem.ts'
import { readNothing, splitQuery } from './query.ts'
import { COLLECTION_METHODS, ROW_METHODS, readIntent } from './rest.ts'

export interface AppOptions {
  readonly stack: Stack
  readonly health: Health
  readonly observe: Observe
  /** Whether the public address is https. */
  readonly secure: boolean
  /** Adds the addresses that are not about rows: documents, and in development their pages. */
  readonly extend?: (app: FastifyInstance) => void
}

type Handler = (request: FastifyRequest) => Promise<Answer>

/** Builds the app; nothing listens yet. */
export function createApp(options: AppOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: LIMITS.bodyBytes,
    maxParamLength: 500,
    routerOptions: { caseSensitive: true, ignoreTrailingSlash: false },
    exposeHeadRoutes: false,
    genReqId: (request) => traceIdOf(request.headers.traceparent),
    frameworkErrors: (error, request, reply) => sendProblem(options, request, reply, error),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(/^application\/(?:[\w.-]+\+)?json(?:\s*;.*)?$/i, { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS)
    reply.header('x-request-id', request.id)
    if (options.secure) reply.header('strict-transport-security', STRICT_TRANSPORT)
  })
  app.addHook('onResponse', async (request, reply) => {
    options.observe({
      kind: 'request',
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 1000) / 1000,
      traceId: request.id,
    })
  })
  app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(options, request, reply, error))
  app.setNotFoundHandler((request, reply) => sendProblem(options, request, reply, failure('route_not_found', {})))
  options.extend?.(app)
  addHealth(app, options)
  addAuth(app, options)
  addRows(app, options)
  return app
}

/** The trace of a request: the caller's (W3C Trace Context, `traceparent`) or a new one; 32 hexadecimal digits. */
function traceIdOf(traceparent: string | string[] | undefined): string {
  const given = typeof traceparent === 'string' ? /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent)?.[1] : undefined
  return given === undefined || /^0+$/.test(given) ? randomBytes(16).toString('hex') : given
}

/** Puts handlers by method on an address: HEAD where GET is, OPTIONS everywhere, 405 for the rest. */
function address(app: FastifyInstance, options: AppOptions, url: string, handlers: Readonly<Record<string, Handler>>): void {
  const methods = [...Object.keys(handlers), ...('GET' in handlers && !('HEAD' in handlers) ? ['HEAD'] : []), 'OPTIONS']
  const allow = methods.join(', ')
  app.all(url, async (request, reply) => {
    const handler = handlers[request.method] ?? (request.method === 'HEAD' ? handlers.GET : undefined)
    if (request.method === 'OPTIONS') return reply.code(204).header('allow', allow).send()
    if (handler === undefined) {
      reply.header('allow', allow)
      return sendProblem(options, request, reply, failure('method_not_allowed', { allow }))
    }
    requireAcceptable(request.headers.accept)
    return send(request, reply, await handler(request))
  })
}

/** RFC 9110 section 12.5.1: everything here is JSON. @throws Failure `not_acceptable` for a client that excludes it. */
function requireAcceptable(accept: string | undefined): void {
  if (accept === undefined || accept.includes('*/*')) return
  if (!/\bapplication\/(\*|json|problem\+json|([\w.-]+\+)?json)/i.test(accept)) throw failure('not_acceptable', {})
}

function addRows(app: FastifyInstance, options: AppOptions): void {
  const { stack } = options
  const entities = new Map(stack.model.entities.map((entity) => [entity.path, entity]))
  const rows: Handler = async (request) => {
    const { path = '', id = null } = request.params as { readonly path?: string; readonly id?: string }
    const entity = entities.get(path)
    if (entity === undefined) throw failure('route_not_found', {})
    return answerRow(stack, entity, id, request)
  }
  address(app, options, '/api/:path', handlersFor(COLLECTION_METHODS, rows))
  address(app, options, '/api/:path/:id', handlersFor(ROW_METHODS, rows))
}

function handlersFor(methods: readonly string[], handler: Handler): Readonly<Record<string, Handler>> {
  return Object.fromEntries(methods.filter((m) => m !== 'OPTIONS' && m !== 'HEAD').map((m) => [m, handler]))
}

async function answerRow(stack: Stack, entity: Entity, id: string | null, request: FastifyRequest): Promise<Answer> {
  const caller = await authenticate(stack.identity, request.headers.authorization)
  const intent = readIntent({
    method: request.method,
    entity,
    id,
    query: queryOf(request),
    ifMatch: request.headers['if-match'] ?? null,
    body: bodyOf(request),
  })
  return handle(stack, caller, intent, { url: request.url, ifNoneMatch: request.headers['if-none-match'] ?? null })
}

function addAuth(app: FastifyInstance, options: AppOptions): void {
  const { stack } = options
  if (stack.identity === null) return
  const withCaller = (
    work: (stack: Stack, caller: Awaited<ReturnType<typeof authenticate>>, body: unknown) => Promise<Answer>,
  ): Handler => {
    return async (request) => {
      readNothing(splitQuery(queryOf(request)))
      return work(stack, await authenticate(stack.identity, request.headers.authorization), optionalBody(request))
    }
  }
  const alone = (work: (stack: Stack, body: unknown) => Promise<Answer>): Handler => {
    return async (request) => {
      readNothing(splitQuery(queryOf(request)))
      return work(stack, bodyOf(request))
    }
  }
  address(app, options, '/api/auth/register', { POST: withCaller(register) })
  address(app, options, '/api/auth/login', { POST: alone(login) })
  address(app, options, '/api/auth/refresh', { POST: alone(refresh) })
  address(app, options, '/api/auth/logout', { POST: withCaller(logout) })
  address(app, options, '/api/auth/me', { GET: withCaller(me) })
  address(app, options, '/.well-known/jwks.json', { GET: async () => publicKeys(stack) })
}

function addHealth(app: FastifyInstance, options: AppOptions): void {
  address(app, options, '/health/live', { GET: async () => options.health.live() })
  address(app, options, '/health/ready', { GET: async () => options.health.ready() })
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

function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status)
  if (answer.body !== null) reply.header('content-type', JSON_TYPE)
  reply.headers(answer.headers)
  if (request.method !== 'HEAD' || answer.body === null) return reply.send(answer.body ?? undefined)
  return reply.header('content-length', Buffer.byteLength(answer.body)).send()
}

function sendProblem(options: AppOptions, request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const known = asFailure(error)
  if (known === null) options.observe({ kind: 'defect', error, traceId: request.id })
  else if (known.status >= 500 || known.note !== undefined) options.observe({ kind: 'request-failed', failure: known, traceId: request.id })
  reply.headers(SECURITY_HEADERS)
  reply.header('x-request-id', request.id)
  return send(request, reply, problemAnswer(known ?? error, request.id))
}

/** Failures of the framework in the words of the catalogue. */
function asFailure(error: unknown): Failure | null {
  if (error instanceof Failure) return error
  const { code, statusCode } = error as Partial<FastifyError>
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return failure('body_too_large', { limit: LIMITS.bodyBytes })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return failure('unsupported_media_type', {})
    case 'FST_ERR_BAD_URL':
      return failure('malformed_request', { what: 'the address has a broken percent encoding' })
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return failure('uri_too_long', {})
    default:
      return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
        ? failure('malformed_request', { what: 'the request is malformed' })
        : null
  }
}
