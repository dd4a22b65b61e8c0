/** The HTTP surface of one design: a Fastify app with the routes of all endpoints. */

import { randomUUID } from 'node:crypto'
import cors from '@fastify/cors'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { failure } from '../base/failure.ts'
import { LIMITS } from '../base/limits.ts'
import { methodsOf } from '../compile/endpoints/endpoints.ts'
import { BULK_PATH } from '../compile/endpoints/row-endpoints.ts'
import { requireAcceptable } from './http/accept.ts'
import { answerBadRequest, HTTP_OPTIONS } from './http/connections.ts'
import { corsOptions, crossOriginHeaders, type Origins } from './http/cross-origin.ts'
import { SECURITY_HEADERS, STRICT_TRANSPORT } from './http/headers.ts'
import { type LargeBodies, openLargeBodies } from './http/large-bodies.ts'
import type { Observe } from './http/observe.ts'
import type { Route } from './http/route.ts'
import { send, sendProblem } from './http/send.ts'
import { SLASH_HINT } from './rest/address.ts'
import type { LargeAnswers } from './run/large-answers.ts'

/** The parts of an HTTP application. */
export interface AppOptions {
  readonly routes: readonly Route[]
  readonly observe: Observe
  /** Called when the first large body is being handled (`some`) and when the last one is done (`none`). */
  readonly onLargeBodies?: ((there: 'some' | 'none') => void) | undefined
  readonly largeAnswers: LargeAnswers
  /** Whether the public address is https. */
  readonly secure: boolean
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed; none unless given. */
  readonly trustedProxies?: readonly string[] | undefined
  /** Origins whose pages may call the API. */
  readonly origins: Origins
}

/** JSON in UTF-8. Parameters other than `charset` have no meaning for JSON and are ignored. */
const JSON_BODY = /^application\/json(?:\s*;(?:\s*charset\s*=\s*(?:utf-?8|"utf-?8")|(?!\s*charset\b)[^;]*))*\s*$/i

/** Builds the app. It does not listen. */
export function createApp(options: AppOptions): FastifyInstance {
  const { routes, observe, onLargeBodies, largeAnswers, secure, origins, trustedProxies = [] } = options
  const headersOf = (request: FastifyRequest) => ({
    ...SECURITY_HEADERS,
    ...crossOriginHeaders(origins, request.headers.origin),
    'x-request-id': request.id,
    ...(secure ? { 'strict-transport-security': STRICT_TRANSPORT } : {}),
  })
  const app = fastify({
    logger: false,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    bodyLimit: LIMITS.bodyBytes,
    http: HTTP_OPTIONS,
    requestTimeout: HTTP_OPTIONS.requestTimeout,
    keepAliveTimeout: HTTP_OPTIONS.keepAliveTimeout,
    clientErrorHandler: answerBadRequest,
    exposeHeadRoutes: false,
    routerOptions: { caseSensitive: true, ignoreTrailingSlash: false, maxParamLength: 500 },
    genReqId: (request) => traceIdOf(request.headers.traceparent),
    // The framework can fail before any hook has run.
    frameworkErrors: (error, request, reply) => sendProblem(reply.headers(headersOf(request)), error, observe),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(JSON_BODY, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('onRequest', async (request, reply) => void reply.headers(headersOf(request)))
  app.register(cors, { delegator: async (request: FastifyRequest) => corsOptions(origins, request) })
  app.addHook('onResponse', async (request, reply) => {
    const durationMs = Math.round(reply.elapsedTime * 1000) / 1000
    const route = request.routeOptions.url ?? 'none'
    observe({ kind: 'request', method: request.method, route, status: reply.statusCode, durationMs, traceId: request.id })
  })
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, error, observe))
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, failure('route_not_found', { hint: slashHint(routes, request.url) }), observe),
  )
  const largeBodies = openLargeBodies(onLargeBodies)
  for (const [url, atPath] of Map.groupBy(routes, ({ endpoint }) => endpoint.path))
    addPath(app, { url, routes: atPath, largeBodies, largeAnswers })
  return app
}

interface Path {
  readonly url: string
  readonly routes: readonly Route[]
  readonly largeBodies: LargeBodies
  readonly largeAnswers: LargeAnswers
}

/** Adds all routes of one path: HEAD where GET is, OPTIONS everywhere, 405 for the other methods. */
function addPath(app: FastifyInstance, { url, routes, largeBodies, largeAnswers }: Path): void {
  const allow = methodsOf(routes.map(({ endpoint }) => endpoint))
  const others = app.supportedMethods.filter((method) => !(allow as readonly string[]).includes(method))
  const requireAddress = routes[0]?.requireAddress ?? null
  const hooks = requireAddress === null ? {} : { onRequest: requireAddress }
  for (const { endpoint, handler } of routes) {
    app.route({
      method: endpoint.method === 'GET' ? ['GET', 'HEAD'] : endpoint.method,
      url,
      ...hooks,
      bodyLimit: endpoint.limit.bodyBytes,
      handler: async (request, reply) => {
        if (endpoint.answers === 'json') requireAcceptable(request.headers.accept)
        const bytes = Buffer.isBuffer(request.body) ? request.body.length : 0
        const answer = await largeBodies.admit(bytes, () => handler(request))
        largeAnswers.hold(answer.body?.length ?? 0, request, reply.raw)
        return send(request, reply, answer)
      },
    })
  }
  // At this path, the other methods belong to the row with this id.
  if (url === BULK_PATH) return
  app.options(url, hooks, (_request, reply) => reply.code(204).header('allow', allow.join(', ')).send())
  app.route({
    method: others,
    url,
    ...hooks,
    handler: async (_request, reply) => {
      reply.header('allow', allow.join(', '))
      throw failure('method_not_allowed', { allow: allow.join(', ') })
    },
  })
}

/** The hint for an address that would exist without its final slash. */
function slashHint(routes: readonly Route[], url: string): string {
  const path = (url.split('?', 1)[0] ?? '').split('/')
  if (path.length < 3 || path.at(-1) !== '') return ''
  const isAt = (pattern: readonly string[]) =>
    pattern.length === path.length - 1 && pattern.every((part, i) => (part.startsWith(':') ? path[i] !== '' : part === path[i]))
  return routes.some(({ endpoint }) => isAt(endpoint.path.split('/'))) ? SLASH_HINT : ''
}

/**
 * The trace id of a request: the caller's (W3C Trace Context, `traceparent`) or a new one; 32 hexadecimal digits. A new id is a UUID: Node
 * takes UUIDs from a pool of random bytes, which is ten times as fast as other random bytes.
 */
function traceIdOf(traceparent: string | string[] | undefined): string {
  const given = typeof traceparent === 'string' ? /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent)?.[1] : undefined
  return given === undefined || /^0+$/.test(given) ? randomUUID().replaceAll('-', '') : given
}
