/**
 * `plinth serve`: serves the design in production. It has no defaults for secrets or addresses, and changes the database only with
 * `--migrate`.
 */

import { formatDiagnostic } from '../base/diagnostic.ts'
import type { Failure } from '../base/failure.ts'
import { schemaHash } from '../embed/databases.ts'
import type { Model } from '../model/model.ts'
import type { OnStatement } from '../postgres/executor/batch.ts'
import { openBackend } from '../server/backend.ts'
import { type Log, logTo } from '../server/http/observe.ts'
import type { DrainTimes } from '../server/process/server.ts'
import type { RunningCode } from '../server/run/running-code.ts'
import { type CountedCode, countCode } from './serving/code-costs.ts'
import { inTurn } from './serving/in-turn.ts'
import { type MeasuredProcess, startMetrics } from './serving/metrics/start-metrics.ts'
import { prepareStart, type StartParts } from './serving/prepare-start.ts'
import { outdated, prepareDatabase, whenReachable } from './serving/ready-database.ts'
import { preloadSoon, type Running, untilStopped, whileRunning } from './serving/running.ts'
import { supervise } from './serving/supervise.ts'
import { needsSupervision, watchCode } from './serving/watched.ts'
import { serveAsWorker } from './serving/workers/in-worker.ts'
import { serveWithWorkers, workersOf } from './serving/workers/many-workers.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { loadDesign } from './setup/load-design.ts'
import { jsonLog, logEvents } from './setup/log.ts'
import { sizeHeap } from './setup/memory.ts'
import { refusal } from './setup/migration.ts'
import { ignoredEnvFile } from './setup/settings/env-file.ts'
import { misspeltSettings } from './setup/settings/misspelt-settings.ts'
import { checkSettings } from './setup/settings/settings.ts'
import { codeToWrite } from './terminal/code-to-write.ts'
import type { Io, Outcome } from './terminal/command.ts'
import { describeError } from './terminal/describe-error.ts'

/** The arguments and options of the command. */
export interface ServeInput {
  readonly design: string | undefined
  /** `refuse`: do not start if the database is not up to date. */
  readonly migrations: 'apply' | 'refuse'
  /** How many processes serve: a number or `auto`; undefined for this process alone. */
  readonly workers: string | undefined
}

/** Running requests get what load balancers leave of the 30 s that orchestrators allow. */
const DRAIN_MS = 24_000

/**
 * Serves until the process is asked to stop. Exit code 1 when the design has errors, or the database is not up to date and may not be
 * changed.
 *
 * @throws UsageError without a design; EnvironmentError for a missing, wrong or weak setting, for wrong GraphQL documents, or for a port in
 *   use.
 */
export async function serve(input: ServeInput, io: Io): Promise<Outcome> {
  const workers = input.workers === undefined ? null : workersOf(input.workers)
  const checked = checkSettings(io.env, 'production')
  const design = await loadDesign(input.design, io.cwd)
  const { model } = design
  if (model === null) return unusableDesign(design, io.style)
  const parts = await prepareStart(checked, { ...design, model }, { ...io, mode: 'production' })
  const { settings } = parts
  const log = jsonLog(settings.logLevel, io.self.worker)
  if (workers !== null && io.self.supervisor === null) return serveWithWorkers(workers, { settings, io, log })
  if (needsSupervision(model, { settings, io })) return supervise({ io, log })
  for (const mistake of misspeltSettings(io.env)) log.warn({}, mistake)
  const ignored = ignoredEnvFile(io.cwd)
  if (ignored !== null) log.warn({}, ignored)
  for (const { path, feature } of model.pending) log.warn({ path }, `not yet in effect: ${feature}`)
  for (const what of codeToWrite(model)) log.warn({}, `not written yet: ${what}`)
  const logged: Io = { ...io, observe: logEvents(log) }
  const measured = await startMetrics({ ...settings, worker: io.self.worker }, logTo(log))
  const onShed = (failure: Failure, traceId: string) => measured.observe({ kind: 'request-failed', failure, traceId })
  const times = { noticeMs: settings.stopNoticeMs, drainMs: DRAIN_MS }
  const running = whileRunning({ settings, design, times, onShed }, logged, async (running) => {
    const migrated = await whenReachable(() => prepareDatabase(model, input.migrations, { url: running.database.url, io: logged }), {
      stop: io.stop,
      log,
    })
    if (migrated === null) return stopped()
    if (migrated.kind === 'refused' || migrated.kind === 'planned') {
      // No request was answered yet, so load balancers need no notice.
      await running.server.drain({ noticeMs: 0, drainMs: 0 })
      return migrated.kind === 'refused' ? refusal(migrated, io.style) : outdated(migrated)
    }
    const code = watchCode(settings, io)
    const answering = { ...parts, measured, running, log, code }
    await answer(model, answering)
    await untilOver({ input, io, answering }, times)
    return stopped()
  })
  return running.finally(measured.close)
}

interface Answering extends StartParts {
  readonly measured: MeasuredProcess
  readonly running: Running
  readonly log: Log
  readonly code: RunningCode
}

interface Serving {
  readonly input: ServeInput
  readonly io: Io
  readonly answering: Answering
}

/** Serves until the process is asked to stop, or until another worker has taken its place. Meanwhile it reloads when it is asked to. */
async function untilOver(serving: Serving, times: DrainTimes): Promise<void> {
  const { io, answering } = serving
  const { log, measured, running } = answering
  if (io.self.worker == null) {
    const stopReloads = io.onReload?.(inTurn(() => reload(serving)))
    await untilStopped(io.stop)
    stopReloads?.()
  } else {
    const retired = serveAsWorker({ url: running.server.url, metrics: measured.text })
    const why = await Promise.race([untilStopped(io.stop).then(() => 'stop'), retired.then(() => 'retire')])
    if (why === 'retire') await running.server.retire(times)
  }
  log.info({}, 'draining')
}

/** Reads the design and the settings again and replaces the backend. After a problem it logs it, and the previous backend stays. */
async function reload({ input, io, answering }: Serving): Promise<void> {
  const { log, running } = answering
  try {
    const design = await loadDesign(input.design, io.cwd)
    const { model } = design
    if (model === null) return log.error({ findings: design.diagnostics.map(formatDiagnostic) }, 'not reloaded: the design has errors')
    const parts = await prepareStart(checkSettings(io.env, 'production'), { ...design, model }, { ...io, mode: 'production' })
    const migrated = await prepareDatabase(model, input.migrations, { url: running.database.url, io: { ...io, observe: logEvents(log) } })
    if (migrated.kind === 'refused' || migrated.kind === 'planned')
      return log.error({}, 'not reloaded: the database is not up to date; run plinth migrate')
    await answer(model, { ...answering, ...parts })
    log.info({ name: model.name }, 'reloaded')
  } catch (error) {
    const { message, hint } = describeError(error)
    log.error({ hint }, `not reloaded: ${message}`)
  }
}

async function answer(
  model: Model,
  { settings, measured, keys, encryption, documents, mail, receivers, files, variables, running, log, code }: Answering,
): Promise<void> {
  const { server, starting, database } = running
  const publicUrl = settings.publicUrl ?? server.url
  const counted = settings.logCosts ? countCode(code, log) : null
  const backend = await openBackend({
    model,
    databaseUrl: database.url,
    schemaHash: () => schemaHash(model),
    keys,
    encryption,
    mode: 'production',
    publicUrl,
    mail,
    receivers,
    files,
    variables,
    rateLimits: settings.rateLimits,
    slowStatementMs: settings.slowStatementMs,
    sharedLimits: { redisUrl: settings.redisUrl },
    trustedProxies: settings.trustedProxies,
    corsOrigins: settings.corsOrigins,
    runningCode: counted?.running ?? code,
    work: settings.work,
    jobConcurrency: settings.jobConcurrency,
    observe: measured.observe,
    onLargeBodies: sizeHeap,
    ...(documents === null ? {} : { graphqlDocuments: documents }),
    ...onStatementOf(counted, measured),
  })
  measured.watch({ ...backend, underWay: server.underWay })
  starting.release(backend)
  await server.replace(backend)
  preloadSoon(backend)
  log.info({ name: model.name, url: server.url, publicUrl, ...(measured.url === null ? {} : { metrics: measured.url }) }, 'listening')
}

/** Counts statements for the log of costs and for the metrics; nothing where neither is asked for. */
function onStatementOf(counted: CountedCode | null, { onStatement }: MeasuredProcess): { readonly onStatement?: OnStatement } {
  if (counted === null) return onStatement === undefined ? {} : { onStatement }
  return {
    onStatement: (name, text, calls) => {
      counted.onStatement(name, text)
      onStatement?.(name, text, calls)
    },
  }
}

function stopped(): Outcome {
  return { exit: 0, data: { stopped: true }, text: '' }
}
