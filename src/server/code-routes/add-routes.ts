/** Adds the routes of a design to its app: a part of the app of their own, in which the plugin of the design runs. */

import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod, RouteOptions } from 'fastify'
import type { CodeRoutes } from '../../model/address/code-routes.ts'
import type { Caller } from '../../model/caller.ts'
import { callerOf } from '../http/caller/authenticate.ts'
import type { ClientAddress } from '../http/caller/client-address.ts'
import { takeRequest } from '../http/caller/take-request.ts'
import { rateLimitHeaders } from '../http/rate-limits.ts'
import type { HttpRequest } from '../http/request.ts'
import { stackForRequest } from '../run/for-client.ts'
import type { Stack } from '../run/stack.ts'
import { type ContextOf, prepareScope, runPlugin } from './prepare-scope.ts'
import { type OpenedContext, openRouteContext } from './route-context.ts'
import { routeFailure } from './route-failure.ts'
import { admitBody, countAnswer, type SizeCounts } from './size-counts.ts'

/** What the routes of a design need. */
export interface RoutesDeps {
  readonly stack: Stack
  readonly clientAddress: ClientAddress
  /** What the backend handles at the same time, of its own endpoints and of these routes together. */
  readonly limits: SizeCounts
}

/** A request that a route of the design answers. */
interface Known {
  readonly http: HttpRequest
  readonly caller: Caller
  readonly response: ServerResponse
  context: OpenedContext | null
}

/** Adds the routes. The plugin gets `context`, which gives a handler what belongs to its request. */
export function addRoutes(app: FastifyInstance, routes: CodeRoutes, { stack, clientAddress, limits }: RoutesDeps): void {
  const { as } = routes
  const known = new WeakMap<FastifyRequest, Known>()
  const context: ContextOf = (request) => {
    const about = known.get(request as FastifyRequest)
    if (about === undefined) throw new Error('context(request) needs a request of these routes, in a handler or a hook after onRequest')
    const { http, caller, response } = about
    about.context ??= openRouteContext({
      stack: stackForRequest(stack, http, caller),
      caller,
      as,
      name: nameOf(request as FastifyRequest),
      signal: endOf(response),
    })
    return about.context
  }
  app.register(async (scope) => {
    prepareScope(scope, async (request, bytes) => {
      const about = known.get(request)
      if (about !== undefined) await admitBody(limits, bytes, about)
    })
    scope.addHook('onRequest', async (request, reply) => {
      const http = requestOf(request, clientAddress(request.raw))
      const caller = await takeRequest(stack.rateLimits, http, () => callerOf(stack, http))
      if (http.rateLimit !== null) reply.headers(rateLimitHeaders(http.rateLimit))
      known.set(request, { http, caller, response: reply.raw, context: null })
    })
    scope.addHook('onSend', async (request, _reply, payload) => {
      const about = known.get(request)
      if (about !== undefined) countAnswer(limits, payload, about)
      return payload
    })
    scope.addHook('onRoute', (route: RouteOptions) => {
      route.handler = named(stack, route.handler)
    })
    // An error that this handler throws reaches the handler of the whole app.
    scope.setErrorHandler((error, request) => {
      throw routeFailure(stack, nameOf(request), error)
    })
    await runPlugin(scope, routes, context)
  })
}

function requestOf({ method, url, headers, id, raw }: FastifyRequest, ip: string): HttpRequest {
  return { method, url, headers, parameters: {}, body: null, ip, traceId: id, raw, rateLimit: null }
}

/** For messages and the watchdog: `route GET /invoices/:id`. */
function nameOf({ method, routeOptions }: FastifyRequest): string {
  return `route ${method} ${routeOptions.url ?? 'none'}`
}

/**
 * The same handler, which is named while it runs. It is not made async: a handler that gives no promise answers later by `reply.send`, and
 * Fastify would answer for a promise of nothing.
 */
function named({ runningCode }: Stack, handler: RouteHandlerMethod): RouteHandlerMethod {
  return function (this: FastifyInstance, request: FastifyRequest, reply: FastifyReply) {
    const ended = runningCode.begin(nameOf(request))
    let answer: unknown
    try {
      answer = handler.call(this, request, reply)
    } finally {
      if (!(answer instanceof Promise)) ended()
    }
    return answer instanceof Promise ? answer.finally(ended) : answer
  }
}

/** Aborted when the client has gone or has its answer. The socket has no listener, because it may serve many requests. */
function endOf(response: ServerResponse): AbortSignal {
  const ending = new AbortController()
  response.once('close', () => ending.abort())
  return ending.signal
}
