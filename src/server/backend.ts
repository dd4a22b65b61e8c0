/** A running backend: everything that belongs to one version of a design, opened together and closed together. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { LIMITS } from '../base/limits.ts'
import { type Compiled, compile } from '../compile/compile.ts'
import type { Model } from '../model/model.ts'
import { hasReactions } from '../model/reaction.ts'
import { type Executor, openExecutor, type PooledRunner } from '../postgres/executor/execute.ts'
import type { FileStorage } from '../services/files/storage.ts'
import { createIdentity } from '../services/identity/create-identity.ts'
import type { IdentityDeps } from '../services/identity/identity.ts'
import { tagsAtOnce } from '../services/identity/passwords/hash-threads.ts'
import { ARGON2ID, openPasswords, type PasswordOptions } from '../services/identity/passwords/passwords.ts'
import type { HashCost } from '../services/identity/passwords/phc.ts'
import type { SigningKeys } from '../services/identity/tokens/keys.ts'
import { openRowTokens } from '../services/identity/tokens/row-tokens.ts'
import type { MailServer } from '../services/mail/mail-settings.ts'
import { type Mailbox, openMailbox } from '../services/mail/mailbox.ts'
import { openPost } from '../services/mail/post.ts'
import { createApp } from './app.ts'
import { runHook } from './code/run-hook.ts'
import { addRoutes } from './code-routes/add-routes.ts'
import { openDoor } from './door.ts'
import { lazyGraphql } from './graphql/lazy-graphql.ts'
import { openClientAddress } from './http/caller/client-address.ts'
import { openSessionCookie, type SessionCookie } from './http/caller/session-cookie.ts'
import { LOCAL_ORIGINS, type Origins } from './http/cross-origin.ts'
import { openCommonFields } from './http/headers.ts'
import { openLargeBodies } from './http/large-bodies.ts'
import type { Observe } from './http/observe.ts'
import { type AnswerFailure, openFailureAnswers } from './http/problem.ts'
import { DEFAULT_RATE_LIMITS, openRateLimits, type RateLimitPolicies } from './http/rate-limits.ts'
import { fileRequests } from './http/uploads/file-requests.ts'
import { openHttpServices, type ServiceOptions } from './http-services.ts'
import { addJob } from './jobs/add-job.ts'
import { openFiles, startSweepingFiles } from './open-files.ts'
import { openDocuments } from './pages/documents.ts'
import { openHealth } from './pages/health.ts'
import { pathsOf } from './paths.ts'
import { openPlanContext } from './plan/plan-context.ts'
import { wakingExecutor } from './reactions/waking.ts'
import { routesOf } from './routes.ts'
import { explained, isDatabaseError, statementFailure } from './run/database-failure.ts'
import { openLargeAnswers } from './run/large-answers.ts'
import { openRunningCode, type RunningCode } from './run/running-code.ts'
import { tellSchemaChanges } from './run/schema-changed.ts'
import type { Stack } from './run/stack.ts'
import { servicesOf } from './services.ts'
import { type OwnExecutor, startWork, type Waking, type WorkOptions } from './start-work.ts'
import { startSweeping } from './sweep.ts'

/** Options of `openBackend`. */
export interface BackendOptions extends WorkOptions, ServiceOptions {
  readonly model: Model
  /** A migrated database. */
  readonly databaseUrl: string
  /** Required when the design has an identity. */
  readonly keys: SigningKeys | null
  /** In development a denial shows the text of its rule, and the backend serves HTML pages. */
  readonly mode: 'development' | 'production'
  /** The address by which clients reach this server, without a slash at the end. It is the issuer and audience of tokens. */
  readonly publicUrl: string
  /** The number of connections for requests. One more connection serves health checks. */
  readonly connections?: number
  /** Whether calls may share a statement; false is for tests and measurements. */
  readonly merge?: boolean
  /** Whether reads run as columns where columns cover their plans; false is for tests and measurements. */
  readonly columns?: boolean
  /** Whether single writes may use the short forms of their statements, and actions one statement; false is for tests and measurements. */
  readonly short?: boolean
  /**
   * The hash of the schemas that the migration to this design records (`schemaHash` of `embed/databases.ts`). With it, errors after a
   * migration to another design become `schema_changed`.
   */
  readonly schemaHash?: () => string
  /** The timeout of a statement in milliseconds; by default `LIMITS.statementMs`. Tests use a shorter one. */
  readonly statementTimeoutMs?: number
  /** Time limits of statements, transactions and code are multiplied by this number; 1 unless given. Tests on a busy machine use more. */
  readonly patience?: number
  /** Where mails go; in development to the mailbox alone unless given. Null for a design without mails. */
  readonly mail?: MailServer | null
  /** Where files are; null for a design without files. The backend closes it. */
  readonly files?: FileStorage | null
  /** The mailbox of development; a new one unless given. */
  readonly mailbox?: Mailbox
  /** Terminal commands that the first page shows in development. */
  readonly firstSteps?: readonly string[]
  /** The cost of password hashes; `ARGON2ID` unless given. Tests that do not test the cost use a lower one. */
  readonly hashCost?: HashCost
  /** Makes the ids of new rows; by default UUIDv7. Tests use a function with known results. */
  readonly newId?: () => string
  /** The allowed GraphQL documents, by their id; when absent, every document is allowed. */
  readonly graphqlDocuments?: ReadonlyMap<string, string>
  /** Limits by caller; `DEFAULT_RATE_LIMITS` unless given. */
  readonly rateLimits?: RateLimitPolicies
  /** Addresses and networks of proxies in front of this server; none unless given. */
  readonly trustedProxies?: readonly string[]
  /** Origins whose pages may call the API; by mode unless given: those of this machine in development, none in production. */
  readonly corsOrigins?: Origins
  /** Where the names of running code of the design stand, for a watchdog; by default nothing reads them. */
  readonly runningCode?: RunningCode
  readonly observe: Observe
  /** `now` (the default) or `later`: with `later`, plugins can still be added, and the app becomes ready at its first use. */
  readonly ready?: 'now' | 'later'
  /** Called after all connections are closed. */
  readonly onClosed?: () => Promise<void>
  /** Called when the first large body is being handled (`some`) and when the last one is done (`none`), to tune the memory for them. */
  readonly onLargeBodies?: (there: 'some' | 'none') => void
  /** Called with every statement that is sent; for logs and for tests that count. */
  readonly onStatement?: (name: string, text: string) => void
}

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
  /** Makes the answer to a failure that happens before a request reaches the backend. */
  readonly answerFailure: AnswerFailure
  /**
   * Loads modules that the first request would otherwise have to load, in some tenths of a second. Call it when the server has no urgent
   * work. Never rejects.
   */
  preload(): Promise<void>
  /** Closes every connection. Requests in progress fail. */
  close(): Promise<void>
}

/**
 * Makes a backend of a model. Connects when the first request needs it. @throws Error when the design has an identity and there are
 * no keys.
 */
export async function openBackend(options: BackendOptions): Promise<Backend> {
  const { model } = options
  const compiled = compile(model)
  const waking: Waking = { reactions: () => {}, jobs: () => {}, webhooks: () => {} }
  const executor = openBackendExecutor(options, waking)
  const mailbox = options.mode === 'development' ? (options.mailbox ?? openMailbox(Date.now)) : null
  const stack = openStack(options, { executor, waking }, { compiled, mailbox })
  const health = openHealth(executor)
  const documents = openDocuments(compiled, { mode: options.mode, firstSteps: options.firstSteps ?? [], mailbox })
  const graphql = lazyGraphql(compiled, {
    stack,
    mode: options.mode,
    documents: options.graphqlDocuments ?? null,
    observe: options.observe,
  })
  const endpoints = compiled.endpoints.filter(({ presence }) => presence !== 'in-development' || options.mode === 'development')
  const paths = pathsOf(model, routesOf(endpoints, { stack, health, documents, graphql: graphql.handlers }))
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
  if (model.routes !== null) addRoutes(app, model.routes, { stack, clientAddress: answering.clientAddress })
  const takes = openDoor(answering)
  const sweep = { run: explained(executor.runReserved), now: Date.now, observe: options.observe }
  const stopSweeping = startSweeping(servicesOf(model), sweep)
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
    stack.post?.close()
    stack.files?.storage.close()
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
    answerFailure,
    preload: model.served.graphql ? graphql.preload : async () => {},
    close: () => app.close(),
  }
}

function openBackendExecutor(options: BackendOptions & Partial<OwnExecutor>, waking: Waking): Executor {
  const opened = openExecutor({
    url: options.databaseUrl,
    connections: options.connections ?? 10,
    statementTimeoutMs: options.statementTimeoutMs ?? LIMITS.statementMs,
    transactionTimeoutMs: LIMITS.requestMs,
    merge: options.merge ?? true,
    patience: options.patience ?? 1,
    ...(options.settings === undefined ? {} : { settings: options.settings }),
    ...(options.onStatement === undefined ? {} : { onStatement: options.onStatement }),
  })
  const executor = hasReactions(options.model) ? wakingExecutor(opened, () => waking.reactions()) : opened
  return options.schemaHash === undefined ? executor : tellSchemaChanges(executor, options.schemaHash)
}

function openStack(
  options: BackendOptions,
  { executor, waking }: { readonly executor: Executor; readonly waking: Waking },
  { compiled, mailbox }: { readonly compiled: Compiled; readonly mailbox: Mailbox | null },
): Stack {
  const { model } = options
  const passwords: PasswordOptions = { cost: options.hashCost ?? ARGON2ID, running: () => tagsAtOnce(executor.quietMs()) }
  const identity = model.identity === null ? null : openIdentity(options, { run: explained(executor.runReserved), passwords })
  const rowTokens = options.keys === null ? null : openRowTokens(options.keys)
  return {
    model,
    context: openPlanContext(model, {
      explainDenials: options.mode === 'development',
      newId: options.newId,
      columns: options.columns,
      short: options.short,
    }),
    executor: explainedExecutor(executor),
    violations: compiled.constraints,
    patience: options.patience ?? 1,
    identity,
    cookie: openCookie(options),
    rowTokens,
    signingSecrets: options.receivers?.signing ?? new Map(),
    files: openFiles(model, options.files, options.keys),
    services: openHttpServices(options),
    post: openPost(model, { run: explained(executor.run), rowTokens, mailbox, mail: options.mail ?? null }),
    answerFailure: openFailureAnswers({
      format: model.errors,
      scheme: model.identity?.token.scheme ?? 'Bearer',
      template: model.failurePage?.template ?? null,
    }),
    rateLimits: openRateLimits(options.rateLimits ?? DEFAULT_RATE_LIMITS),
    hashPassword: identity?.hashPassword ?? openPasswords(passwords).hash,
    largeAnswers: openLargeAnswers(),
    logCode: (of) => options.observe({ kind: 'code', of }),
    runningCode: options.runningCode ?? openRunningCode(),
    runHook,
    addJob,
    wakeJobs: () => waking.jobs(),
    wakeWebhooks: () => waking.webhooks(),
  }
}

function explainedExecutor(executor: Executor): Executor {
  return { ...executor, ...explainedRunner(executor), forClient: (client) => explainedRunner(executor.forClient(client)) }
}

function openCookie({ model, mode, publicUrl }: BackendOptions): SessionCookie | null {
  const { cookie = null, lastsSeconds } = model.identity?.token ?? { lastsSeconds: 0 }
  return cookie === null ? null : openSessionCookie(cookie, { mode, publicUrl, lastsSeconds })
}

/**
 * The same runner, but an error of the transaction itself becomes a `Failure`. Errors of statements become failures where the plan is
 * known.
 */
function explainedRunner({ run, runAll, runInOrder, transaction }: PooledRunner): PooledRunner {
  return { run, runAll, runInOrder, transaction: (work, options) => transaction(work, options).catch(refuseTransaction) }
}

/** An error of the database at the beginning or end of a transaction becomes a `Failure`. Any other error is passed on. */
function refuseTransaction(error: unknown): never {
  throw isDatabaseError(error) ? statementFailure('transaction', error) : error
}

function openIdentity(options: BackendOptions, parts: Pick<IdentityDeps, 'run' | 'passwords'>) {
  const { model, keys, publicUrl } = options
  if (keys === null) throw new Error('a design with an identity needs keys')
  return createIdentity({
    ...parts,
    model,
    keys,
    issuer: publicUrl,
    audience: publicUrl,
    now: Date.now,
    observe: (of) => options.observe({ kind: 'identity', of }),
  })
}
