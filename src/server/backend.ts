/** A running backend: everything that belongs to one version of a design, opened together and closed together. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { compile } from '../compile/compile.ts'
import type { PoolLoad } from '../postgres/executor/pool.ts'
import { openLimitStore } from '../services/limits/open-limit-store.ts'
import { openMailbox } from '../services/mail/mailbox.ts'
import { retentionService } from '../services/retention/service.ts'
import { withTlsSubscriptions } from '../services/webhooks/tls-subscriptions.ts'
import { createApp } from './app.ts'
import type { BackendOptions } from './backend-options.ts'
import { addRoutes } from './code-routes/add-routes.ts'
import { openDoor } from './door.ts'
import { lazyGraphql } from './graphql/lazy-graphql.ts'
import { openClientAddress } from './http/caller/client-address.ts'
import { LOCAL_ORIGINS } from './http/cross-origin.ts'
import { openCommonFields } from './http/headers.ts'
import { openLargeBodies } from './http/large-bodies.ts'
import type { AnswerFailure } from './http/problem.ts'
import { timedHandler } from './http/response/server-timing.ts'
import type { Route } from './http/route.ts'
import { fileRequests } from './http/uploads/file-requests.ts'
import { type Backlog, readBacklog } from './jobs/backlog.ts'
import { explainedExecutor, openBackendExecutor } from './open-executor.ts'
import { startSweepingFiles } from './open-files.ts'
import { openStack } from './open-stack.ts'
import { openDocuments } from './pages/documents.ts'
import { openHealth } from './pages/health.ts'
import { urgentRequests } from './pages/urgent.ts'
import { pathsOf } from './paths.ts'
import { routesOf } from './routes.ts'
import { explained } from './run/database-failure.ts'
import { servicesOf } from './services.ts'
import { startWork, type Waking } from './start-work.ts'
import { startSweeping } from './sweep.ts'

/** A backend that serves requests until it is closed. */
export interface Backend {
  /** For embedding and for requests without a socket (`app.inject`). */
  readonly app: FastifyInstance
  /** The paths that the backend answers, in Fastify's notation: `/api/:path`. */
  readonly paths: readonly string[]
  /**
   * Answers one request, through the direct door where it can: hooks of the app do not run then. Must not be called before the app is
   * ready.
   */
  handle(request: IncomingMessage, response: ServerResponse): void
  /** Whether the body of a request is a file, which may take long to arrive; null for a design without files. */
  readonly takesFile: ((request: IncomingMessage) => boolean) | null
  /** Whether a request is answered even while the process has too much to do: health checks, signing in and renewing a session. */
  readonly isUrgent: (request: IncomingMessage) => boolean
  /** Makes the answer to a failure that happens before a request reaches the backend. */
  readonly answerFailure: AnswerFailure
  /**
   * Loads modules that the first request would otherwise have to load, in some tenths of a second. Call it when the server has no urgent
   * work. Never rejects.
   */
  preload(): Promise<void>
  /** What its connections to the database are doing. */
  load(): PoolLoad
  /** What waits in the database, over a connection that is not for requests. @throws the driver's error */
  backlog(): Promise<Backlog>
  /** Closes every connection. Requests in progress fail. */
  close(): Promise<void>
}

/**
 * Makes a backend of a model. Connects when the first request needs it. @throws Error when the design has an identity and there are
 * no keys.
 */
export async function openBackend(given: BackendOptions): Promise<Backend> {
  const options = given.mode === 'production' ? { ...given, model: withTlsSubscriptions(given.model) } : given
  const { model } = options
  const compiled = compile(model)
  const waking: Waking = { reactions: () => {}, jobs: () => {}, webhooks: () => {} }
  const executor = openBackendExecutor(options, waking)
  const mailbox = options.mailbox ?? (options.mode === 'development' ? openMailbox(Date.now) : null)
  const { sharedLimits, publicUrl, observe } = options
  const limitStore =
    sharedLimits === undefined
      ? null
      : await openLimitStore(
          { ...sharedLimits, scope: `${publicUrl} ${model.name}` },
          { run: executor.runReserved, observe: (of) => observe({ kind: 'limits', of }), patience: options.patience ?? 1 },
        )
  const stack = openStack(options, { executor, waking, limitStore }, { compiled, mailbox })
  const health = openHealth(executor)
  const documents = openDocuments(compiled, { mode: options.mode, firstSteps: options.firstSteps ?? [], mailbox })
  const graphql = lazyGraphql(compiled, {
    stack,
    mode: options.mode,
    documents: options.graphqlDocuments ?? null,
    observe: options.observe,
  })
  const endpoints = compiled.endpoints.filter(({ presence }) => presence !== 'in-development' || options.mode === 'development')
  const routes = routesOf(endpoints, { stack, health, documents, graphql: graphql.handlers })
  const timed = ({ handler, ...route }: Route): Route => ({ ...route, handler: timedHandler(handler) })
  const paths = pathsOf(model, options.mode === 'development' ? routes.map(timed) : routes)
  const origins = options.corsOrigins ?? (options.mode === 'development' ? LOCAL_ORIGINS : [])
  const trustedProxies = options.trustedProxies ?? []
  const { answerFailure } = stack
  const answering = {
    paths,
    answerFailure,
    observe: options.observe,
    limits: { largeBodies: openLargeBodies(options.onLargeBodies), largeAnswers: stack.largeAnswers },
    commonFields: openCommonFields({ origins, secure: options.publicUrl.startsWith('https:'), credentials: stack.cookie === null }),
    clientAddress: openClientAddress(trustedProxies),
  }
  const takesFile = fileRequests(model)
  const credentials = stack.cookie === null
  const app = createApp({ ...answering, takesFile, origins, trustedProxies, pages: model.failurePage !== null, credentials })
  if (model.routes !== null) addRoutes(app, model.routes, { stack, ...answering })
  const takes = openDoor(answering)
  const sweep = { run: explained(executor.runReserved), now: Date.now, observe: options.observe }
  const stopSweeping = startSweeping([...servicesOf(model), retentionService(model)], sweep)
  const stopFiles = startSweepingFiles(stack.files, sweep)
  const stopWork = await startWork(options, {
    stack,
    waking,
    open: (own) => openBackendExecutor({ ...options, ...own }, waking),
    stackOn: (other) => ({ ...stack, executor: explainedExecutor(other) }),
  })
  app.addHook('onClose', async () => {
    stopSweeping()
    await stopFiles()
    await stopWork()
    for (const one of [stack.post, stack.backends, stack.files?.storage, stack.rateLimits]) one?.close()
    await Promise.all([stack.services?.close(), executor.close()])
    await options.onClosed?.()
  })
  if (options.ready !== 'later') await app.ready()
  return {
    app,
    paths: [...paths.map(({ url }) => url), ...new Set(model.routes?.declared.map(({ path }) => path))],
    handle: (request, response) => {
      if (!takes(request, response)) app.routing(request, response)
    },
    takesFile,
    isUrgent: urgentRequests(model),
    answerFailure,
    load: executor.load,
    backlog: () => readBacklog(model, executor.runReserved),
    preload: model.served.graphql ? graphql.preload : async () => {},
    close: () => app.close(),
  }
}
