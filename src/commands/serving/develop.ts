/** Serves a design under development, and replaces it after saved changes. */

import { statSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts'
import { EnvironmentError } from '../../base/environment-error.ts'
import { schemaHash } from '../../embed/databases.ts'
import { integrationVariables } from '../../embed/integration-variables.ts'
import type { Action } from '../../model/action.ts'
import type { Job } from '../../model/job.ts'
import type { Model } from '../../model/model.ts'
import { namedVariables } from '../../model/names/named-variables.ts'
import type { MigrationOutcome } from '../../postgres/migrate/migrate.ts'
import { type Backend, openBackend } from '../../server/backend.ts'
import { logTo, type Observe } from '../../server/http/observe.ts'
import type { RunningCode } from '../../server/run/running-code.ts'
import { loadEncryptionKeys } from '../../services/encryption/key-file.ts'
import { FILES_SETTINGS, openStorage } from '../../services/files/file-settings.ts'
import { loadKeys } from '../../services/identity/tokens/key-file.ts'
import { MAIL_SETTINGS, mailServerOf } from '../../services/mail/mail-settings.ts'
import type { Mailbox } from '../../services/mail/mailbox.ts'
import { receiversOf } from '../../services/webhooks/receivers.ts'
import { writeCodeTypes } from '../setup/code-types.ts'
import { stateFolder } from '../setup/database.ts'
import { readGraphqlDocuments } from '../setup/graphql-documents.ts'
import { type LoadedDesign, loadDesign } from '../setup/load-design.ts'
import { eventLog } from '../setup/log.ts'
import { sizeHeap } from '../setup/memory.ts'
import { refusal, runMigration } from '../setup/migration.ts'
import { withSecretFiles } from '../setup/settings/secret-files.ts'
import type { Settings } from '../setup/settings/settings.ts'
import { codeToWrite } from '../terminal/code-to-write.ts'
import type { Io, Outcome } from '../terminal/command.ts'
import { describeError } from '../terminal/describe-error.ts'
import type { Environment } from '../terminal/environment.ts'
import { firstSteps } from './first-steps.ts'
import { preloadSoon, type Running } from './running.ts'
import type { Changes } from './watch.ts'

/** What serving in development needs. */
export interface Development {
  readonly io: Io
  readonly settings: Settings
  readonly running: Running
  readonly design: LoadedDesign & { readonly model: Model }
  /** The changes since the design was read, including changes during the start. */
  readonly changes: Changes
  readonly code: RunningCode
  /** Keeps the mails of all versions of the design. */
  readonly mailbox: Mailbox
  /** When the command was called, in the time of `performance.now()`. */
  readonly began: number
}

/** Serves a design and reloads it after changes, until the process is asked to stop. Exit code 1 when the migration is refused. */
export async function develop(development: Development): Promise<Outcome> {
  const { io, settings, running, design, began } = development
  const observe = logTo(eventLog(settings.logLevel, io.observe))
  const documents = await documentsFor(development, design.model)
  const migrated = await bringUpToDate(development, design.model)
  if (migrated.kind === 'refused') return refusal(migrated, io.style)
  io.observe({ kind: 'migrated', statements: stepsOf(migrated), ms: migrated.kind === 'applied' ? migrated.ms : 0 })
  writeCodeTypes(design.path, design.model)
  const backend = await start(development, observe, { model: design.model, documents })
  running.starting.release(backend)
  replace(development, backend)
  io.observe({
    kind: 'listening',
    name: design.model.name,
    url: running.server.url,
    ms: performance.now() - began,
    docs: true,
    try: firstSteps(design.model, running.server.url),
    pending: design.model.pending,
    unwritten: codeToWrite(design.model),
    watching: design.file,
  })
  await follow(development, observe)
  io.observe({ kind: 'draining' })
  return { exit: 0, data: { stopped: true }, text: '' }
}

/** The served design, and the accepted GraphQL documents (null accepts every document). */
interface Served {
  readonly model: Model
  readonly documents: ReadonlyMap<string, string> | null
}

/** Reads the accepted GraphQL documents, before anything else changes. @throws EnvironmentError when a document could never be answered. */
function documentsFor({ settings, io }: Development, model: Model): ReturnType<typeof readGraphqlDocuments> {
  return readGraphqlDocuments(model, { path: settings.graphqlDocuments, cwd: io.cwd })
}

async function start(
  { settings, running, design, code, mailbox, io }: Development,
  observe: Observe,
  { model, documents }: Served,
): Promise<Backend> {
  const state = stateFolder(design.path)
  const env = namedValues(io.env, model)
  const keys = { setting: settings.authKeys ?? undefined, mode: 'development', folder: state } as const
  return openBackend({
    model,
    databaseUrl: running.database.url,
    schemaHash: () => schemaHash(model),
    keys: model.identity === null ? null : await loadKeys(keys),
    encryption: await loadEncryptionKeys(model, { setting: settings.encryptionKeys ?? undefined, mode: 'development', folder: state }),
    mode: 'development',
    publicUrl: settings.publicUrl ?? running.server.url,
    corsOrigins: settings.corsOrigins,
    firstSteps: firstSteps(model, running.server.url),
    ...(documents === null ? {} : { graphqlDocuments: documents }),
    mail: mailServerOf(model, settings.mail, { mode: 'development', named: MAIL_SETTINGS }),
    mailbox,
    receivers: receiversOf(model, { networks: settings.outgoingNetworks, variables: env }, { mode: 'development' }),
    files: await openStorage(model, {
      ...{ setting: settings.files, s3: settings.s3, named: FILES_SETTINGS, mode: 'development', cwd: io.cwd, state },
    }),
    variables: integrationVariables(model, { env, mode: 'development' }),
    rateLimits: settings.rateLimits,
    slowStatementMs: settings.slowStatementMs,
    trustedProxies: settings.trustedProxies,
    runningCode: code,
    work: settings.work,
    jobConcurrency: settings.jobConcurrency,
    observe,
    onLargeBodies: sizeHeap,
  })
}

/** The environment, with the values of files for the variables that the design names. @throws EnvironmentError for a wrong file. */
function namedValues(given: Environment, model: Model): Environment {
  const { env, problems } = withSecretFiles(given, namedVariables(model))
  if (problems.length > 0) throw new EnvironmentError(problems.join('\n'), 'correct the paths, or set the variables themselves')
  return env
}

/** Sends new requests to `backend`. The previous backend closes after its last request; this function does not wait for it. */
function replace({ io, running }: Development, backend: Backend): void {
  preloadSoon(backend)
  running.server.replace(backend).catch((error: unknown) => {
    io.observe({
      kind: 'logged',
      level: 'warn',
      message: 'the previous version did not close properly',
      fields: { err: describeError(error).message },
    })
  })
}

/** Reloads after each change, one at a time, until the process is asked to stop. */
async function follow(development: Development, observe: Observe): Promise<void> {
  const { changes, io } = development
  io.stop.addEventListener('abort', () => changes.close())
  let served: Version | null = versionOf(development.design.model, development.design.files)
  while (!io.stop.aborted && (await changes.next())) served = await reload(development, observe, served)
}

/**
 * A design that was read, and the times when its files were last written, because imported code can change while the model stays the same.
 */
interface Version {
  readonly model: Model
  readonly written: readonly (number | null)[]
}

function versionOf(model: Model, files: readonly string[]): Version {
  return { model: withoutFunctions(model), written: files.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null) }
}

/** The model with a word in place of each function of the design: every load makes new functions, also of the same files. */
function withoutFunctions(model: Model): Model {
  const named = <C>(code: C): C | string => (typeof code === 'function' ? 'function' : code)
  const ofAction = (action: Action): Action =>
    action.run === null ? action : { ...action, run: { ...action.run, code: named(action.run.code) } }
  const ofJob = (job: Job): Job => ({ ...job, action: ofAction(job.action) })
  const entities = model.entities.map((entity) => ({ ...entity, hooks: entity.hooks.map((hook) => ({ ...hook, code: named(hook.code) })) }))
  const events = model.events.map((event) => ({
    ...event,
    reactions: event.reactions.map((one) => (one.kind === 'run' ? { ...one, code: named(one.code) } : one)),
  }))
  return {
    ...model,
    actions: model.actions.map(ofAction),
    entities,
    events,
    jobs: model.jobs.map(ofJob),
    schedules: model.schedules.map((schedule) => ({ ...schedule, job: ofJob(schedule.job) })),
    routes: model.routes === null ? null : { ...model.routes, code: named(model.routes.code) },
  }
}

/**
 * Replaces the running version by the current design, unless they are equal (the saved file then does not belong to the design). After a
 * problem it reports the problem and keeps the running version.
 *
 * @returns the version that is now served; null after a problem, so that every later change is reported.
 */
async function reload(development: Development, observe: Observe, served: Version | null): Promise<Version | null> {
  const { io, design, changes } = development
  const began = performance.now()
  const keep = (why: string, next: string, diagnostics: readonly Diagnostic[] = []): null => {
    io.observe({ kind: 'kept', why, next, diagnostics })
    return null
  }
  try {
    const { model, diagnostics, file, files } = await loadDesign(design.path, io.cwd)
    changes.also(files)
    if (model === null || hasErrors(diagnostics)) return keep('the design has errors', '', diagnostics)
    const version = versionOf(model, files)
    if (isDeepStrictEqual(version, served)) return served
    const documents = await documentsFor(development, model)
    const migrated = await bringUpToDate(development, model)
    if (migrated.kind === 'refused') return keep('the database would need changes that are not allowed', refusal(migrated, io.style).text)
    writeCodeTypes(design.path, model)
    replace(development, await start(development, observe, { model, documents }))
    io.observe({ kind: 'design-read', file, diagnostics })
    const { pending } = model
    const unwritten = codeToWrite(model)
    io.observe({ kind: 'reloaded', file, statements: stepsOf(migrated), ms: performance.now() - began, pending, unwritten })
    return version
  } catch (error) {
    const problem = describeError(error)
    return keep(problem.message, problem.hint)
  }
}

function bringUpToDate({ io, running }: Development, model: Model): Promise<MigrationOutcome> {
  return runMigration(model, { url: running.database.url, allow: new Set(), run: 'apply' }, io)
}

function stepsOf(outcome: MigrationOutcome): number {
  return outcome.kind === 'applied' ? outcome.plan.statements.length : 0
}
