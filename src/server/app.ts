/**
 * The Fastify app of one design. Embedded backends are served by it, with the hooks of their program. A serving process uses it for the
 * requests that the direct door does not take.
 */

import type { IncomingMessage } from 'node:http'
import cors from '@fastify/cors'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { bytesOf, utf8Length } from '../base/bytes/utf8.ts'
import { type Failure, failure } from '../base/failure.ts'
import { LIMITS } from '../base/limits.ts'
import type { Endpoint } from '../compile/endpoints/endpoint.ts'
import type { Answer } from './http/answer.ts'
import type { ClientAddress } from './http/caller/client-address.ts'
import { answerBadRequest, HTTP_OPTIONS } from './http/connections.ts'
import { corsOptions, type Origins } from './http/cross-origin.ts'
import { type CommonFields, eachField, type Fields } from './http/headers.ts'
import { FORM_BODY } from './http/media/form.ts'
import { JSON_BODY } from './http/media/json-body.ts'
import type { Observe } from './http/observe.ts'
import type { AnswerFailure } from './http/problem.ts'
import { addAnswerFields, bodyMedia, failingOf, problemFor, rateLimitAfter } from './http/refusal.ts'
import type { HttpRequest, PathParameters } from './http/request.ts'
import { inChunks } from './http/response/send-chunks.ts'
import { type Route, routeName } from './http/route.ts'
import { traceIdOf } from './http/trace-id.ts'
import { FILE_REQUEST_MS, leaveBody, limitBody, limitSilence } from './http/uploads/long-bodies.ts'
import { carryOut, type ServedPath, type SizeLimits } from './paths.ts'
import { SLASH_HINT } from './rest/address.ts'

/** The parts of an HTTP application. */
export interface AppOptions {
  readonly paths: readonly ServedPath[]
  readonly observe: Observe
  readonly limits: SizeLimits
  readonly commonFields: CommonFields
  readonly clientAddress: ClientAddress
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed, for Fastify's own `request.ip`. */
  readonly trustedProxies: readonly string[]
  /** Origins whose pages may call the API. */
  readonly origins: Origins
  readonly answerFailure: AnswerFailure
  /** Whether browsers get pages at addresses that do not exist, and for methods that an address does not answer. */
  readonly pages: boolean
  /** Whether pages of other origins may send credentials that the browser keeps. */
  readonly credentials: boolean
  /** Whether the body of a request is a file; null for a design without files. */
  readonly takesFile: ((request: IncomingMessage) => boolean) | null
}

/** Builds the app. It does not listen. */
export function createApp(options: AppOptions): FastifyInstance {
  const { paths, commonFields, origins, trustedProxies, observe, takesFile } = options
  const addressesAt = new Map(paths.map(({ url, addresses }) => [url, addresses]))
  const begin = (request: FastifyRequest, reply: FastifyReply) => setAll(reply, commonFields.of(request.headers.origin, request.id))
  const app = fastify({
    logger: false,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    bodyLimit: LIMITS.bodyBytes,
    http: HTTP_OPTIONS,
    requestTimeout: takesFile === null ? HTTP_OPTIONS.requestTimeout : FILE_REQUEST_MS,
    keepAliveTimeout: HTTP_OPTIONS.keepAliveTimeout,
    clientErrorHandler: (error, socket) => answerBadRequest(error, socket, options.answerFailure),
    // For the routes of the design: those of Plinth have their HEAD.
    exposeHeadRoutes: true,
    routerOptions: { caseSensitive: true, ignoreTrailingSlash: false, maxParamLength: 500 },
    genReqId: (request) => traceIdOf(request.headers.traceparent),
    // The framework can fail before any hook has run.
    frameworkErrors: (error, request, reply) => refuse(begin(request, reply), error, options),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(JSON_BODY, { parseAs: 'buffer' }, (request, body, done) => done(refusedType(request, 'json'), body))
  app.addContentTypeParser(FORM_BODY, { parseAs: 'buffer' }, (request, body, done) => done(refusedType(request, 'form'), body))
  app.addHook('onRequest', (request, reply, done) => {
    begin(request, reply)
    done()
  })
  if (takesFile !== null) serveFiles(app, takesFile)
  app.register(cors, { delegator: async (request: FastifyRequest) => corsOptions(origins, request, options.credentials) })
  app.addHook('onResponse', (request, reply, done) => {
    const durationMs = Math.round(reply.elapsedTime * 1000) / 1000
    const { url = 'none' } = request.routeOptions
    const at = addressesAt.get(url) ?? null
    const parameters = request.params as PathParameters
    const route = at?.has(parameters) === true ? routeName(url, at, parameters) : url
    observe({ kind: 'request', method: request.method, route, status: reply.statusCode, durationMs, traceId: request.id })
    done()
  })
  app.setErrorHandler((error, _request, reply) => refuse(reply, error, options))
  app.setNotFoundHandler((request, reply) => refuse(reply, failure('route_not_found', { hint: slashHint(paths, request.url) }), options))
  for (const path of paths) addPath(app, path, options)
  return app
}

/** Limits how long other bodies than files take, and how much is read of a file that is refused. */
function serveFiles(app: FastifyInstance, takesFile: (request: IncomingMessage) => boolean): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (!takesFile(request.raw)) limitBody(request.raw)
    done()
  })
  app.addHook('onResponse', (request, _reply, done) => {
    if (request.raw.complete === false) leaveBody(request.raw)
    done()
  })
}

/** Adds all routes of one path: HEAD where GET is, OPTIONS everywhere, 405 for the other methods. */
function addPath(app: FastifyInstance, { url, routes, allow, refusesOthers, addresses }: ServedPath, answering: Answering): void {
  const hooks =
    addresses === null
      ? {}
      : {
          onRequest: async (request: FastifyRequest) => {
            const parameters = request.params as PathParameters
            if (!addresses.has(parameters)) await addresses.refuse(parameters, request.headers.authorization)
          },
        }
  for (const route of routes) addRoute(app, { url, ...hooks }, { route, answering })
  if (!refusesOthers) return
  const allowedAt = (request: FastifyRequest): string => (addresses?.methods(request.params as PathParameters) ?? allow).join(', ')
  app.options(url, hooks, (request, reply) => reply.code(204).header('allow', allowedAt(request)).send())
  const refuseMethod = async (request: FastifyRequest, reply: FastifyReply): Promise<never> => {
    const allowed = allowedAt(request)
    reply.header('allow', allowed)
    throw failure('method_not_allowed', { allow: allowed })
  }
  app.route({
    method: app.supportedMethods.filter((method) => !allow.includes(method)),
    url,
    // Before the body is read, because its type does not matter.
    onRequest: 'onRequest' in hooks ? [hooks.onRequest, refuseMethod] : refuseMethod,
    handler: refuseMethod,
  })
}

/** The endpoints of the app's routes. Addresses without a route have none. */
interface RouteConfig {
  readonly endpoint?: Endpoint
}

function endpointOf({ routeOptions }: FastifyRequest): Endpoint | undefined {
  return (routeOptions.config as RouteConfig).endpoint
}

/** The failure of a body in another media type than the endpoint takes; null for its own. */
function refusedType(request: FastifyRequest, type: 'json' | 'form'): Failure | null {
  const accepts = endpointOf(request)?.accepts
  return (accepts ?? 'json') === type ? null : failure('unsupported_media_type', { media: bodyMedia(accepts) })
}

type Answering = Pick<AppOptions, 'limits' | 'clientAddress'>

interface Place {
  readonly url: string
  readonly onRequest?: (request: FastifyRequest) => Promise<void>
}

function addRoute(
  app: FastifyInstance,
  place: Place,
  { route, answering }: { readonly route: Route; readonly answering: Answering },
): void {
  const { method, limit, body } = route.endpoint
  const on = (child: FastifyInstance): FastifyInstance =>
    child.route({
      method: method === 'GET' ? ['GET', 'HEAD'] : method,
      ...place,
      config: { endpoint: route.endpoint } satisfies RouteConfig,
      bodyLimit: limit.bodyBytes,
      handler: async (received, reply) => {
        const request = requestOf(received, answering.clientAddress(received.raw))
        requests.set(received, request)
        return send(reply, await carryOut(route, answering.limits, { request, response: reply.raw }))
      },
    })
  if (body !== 'stream') on(app)
  // A parser belongs to an instance. This one leaves the body to the handler, whatever its media type.
  else
    app.register(async (child) => {
      child.removeAllContentTypeParsers()
      child.addContentTypeParser('*', (_request, _body, done) => done(null))
      on(child)
    })
}

/** The requests that handlers have got. */
const requests = new WeakMap<FastifyRequest, HttpRequest>()

function requestOf({ method, url, headers, params, body, id, raw }: FastifyRequest, ip: string): HttpRequest {
  const parameters = params as PathParameters
  return { method, url, headers, parameters, body: Buffer.isBuffer(body) ? body : null, ip, traceId: id, raw, rateLimit: null }
}

/** Sends an answer; for HEAD without the body. */
function send(reply: FastifyReply, answer: Answer, rateLimit = requests.get(reply.request)?.rateLimit ?? null): FastifyReply {
  const { status, body, stream } = answer
  const fields: Fields = []
  addAnswerFields(fields, answer, rateLimit)
  setAll(reply.code(status), fields)
  if (stream !== undefined) {
    limitSilence(reply.raw)
    return reply.send(inChunks(stream, reply.raw))
  }
  if (reply.request.method !== 'HEAD' || body === null)
    return reply.send(body === null || typeof body === 'string' ? (body ?? undefined) : bytesOf(body))
  return reply.header('content-length', utf8Length(body)).send()
}

type Refusing = Pick<AppOptions, 'observe' | 'answerFailure' | 'pages'>

/** Sends the answer to an error. */
function refuse(reply: FastifyReply, error: unknown, { observe, answerFailure, pages }: Refusing): FastifyReply {
  const { request } = reply
  const { accept } = request.headers
  const none = { answers: pages ? 'html' : 'json', limit: { bodyBytes: request.routeOptions.bodyLimit ?? LIMITS.bodyBytes } } as const
  const endpoint = endpointOf(request) ?? none
  const failing = failingOf(endpoint, { accept, traceId: request.id, url: request.url, observe, answerFailure })
  const known = requests.get(request)?.rateLimit ?? null
  return send(reply, problemFor(error, failing), rateLimitAfter(error, known))
}

function setAll(reply: FastifyReply, fields: Fields): FastifyReply {
  eachField(fields, (name, value) => reply.header(name, value))
  return reply
}

/** The hint for an address that would exist without its final slash. */
function slashHint(paths: readonly ServedPath[], url: string): string {
  const path = (url.split('?', 1)[0] ?? '').split('/')
  if (path.length < 3 || path.at(-1) !== '') return ''
  const isAt = (pattern: readonly string[]) =>
    pattern.length === path.length - 1 && pattern.every((part, i) => (part.startsWith(':') ? path[i] !== '' : part === path[i]))
  return paths.some((known) => isAt(known.url.split('/'))) ? SLASH_HINT : ''
}
