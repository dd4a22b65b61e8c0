/** `plinth work`: runs jobs, schedules and reactions to events of a design in production, without an HTTP server. */

import { schemaHash } from '../embed/databases.ts'
import { hasWork } from '../model/job.ts'
import type { Model } from '../model/model.ts'
import { hasReactions } from '../model/reaction.ts'
import { type Backend, openBackend } from '../server/backend.ts'
import { logTo } from '../server/http/observe.ts'
import { type MeasuredProcess, startMetrics } from './serving/metrics/start-metrics.ts'
import { prepareStart, type StartParts } from './serving/prepare-start.ts'
import { outdated, prepareDatabase, whenReachable } from './serving/ready-database.ts'
import { untilStopped } from './serving/running.ts'
import { reportStrayErrors } from './serving/stray-errors.ts'
import { supervise } from './serving/supervise.ts'
import { needsSupervision, watchCode } from './serving/watched.ts'
import { databaseOf, withDatabase } from './setup/database.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { type LoadedDesign, loadDesign } from './setup/load-design.ts'
import { jsonLog, logEvents } from './setup/log.ts'
import { misspeltSettings } from './setup/settings/misspelt-settings.ts'
import { checkSettings } from './setup/settings/settings.ts'
import type { Io, Outcome } from './terminal/command.ts'
import { UsageError } from './terminal/usage-error.ts'

/** The arguments and options of the command. */
export interface WorkInput {
  readonly design: string | undefined
  /** The queues whose jobs run here; empty for all. */
  readonly queues: readonly string[]
}

/** Orchestrators allow 30 s from the request to stop. Running jobs get this part of them. */
const DRAIN_MS = 25_000

/**
 * Runs jobs until the process is asked to stop. Exit code 1 when the design has errors, or the database is not up to date.
 *
 * @throws UsageError without a design, or for a design without work, or for an unknown queue; EnvironmentError for a wrong setting.
 */
export async function work(input: WorkInput, io: Io): Promise<Outcome> {
  const checked = checkSettings(io.env, 'production')
  const design = await loadDesign(input.design, io.cwd)
  const { model } = design
  if (model === null) return unusableDesign(design, io.style)
  checkQueues({ ...design, model }, input.queues)
  const parts = await prepareStart(checked, { ...design, model }, { ...io, mode: 'production' })
  const { settings } = parts
  const log = jsonLog(settings.logLevel)
  if (needsSupervision(model, { settings, io })) return supervise({ io, log })
  for (const mistake of misspeltSettings(io.env)) log.warn({}, mistake)
  const logged: Io = { ...io, observe: logEvents(log) }
  const measured = await startMetrics(settings, logTo(log))
  const stopReporting = reportStrayErrors(logged)
  try {
    return await withDatabase(databaseOf(design, settings.databaseUrl, logged), async ({ url }) => {
      const prepared = await whenReachable(() => prepareDatabase(model, 'refuse', { url, io: logged }), { stop: io.stop, log })
      if (prepared === null) return stopped()
      if (prepared.kind === 'planned') return outdated(prepared)
      const backend = await openWorker(model, { ...parts, measured, input, url, io })
      measured.watch(backend)
      const metrics = measured.url === null ? {} : { metrics: measured.url }
      log.info({ name: model.name, queues: input.queues, concurrency: settings.jobConcurrency, ...metrics }, 'working')
      await untilStopped(io.stop)
      log.info({}, 'draining')
      await backend.close()
      return stopped()
    })
  } finally {
    stopReporting()
    await measured.close()
  }
}

type SoundDesign = LoadedDesign & { readonly model: NonNullable<LoadedDesign['model']> }

/** @throws UsageError when there is nothing to run. */
function checkQueues({ model }: SoundDesign, queues: readonly string[]): void {
  if (!hasWork(model) && !hasReactions(model))
    throw new UsageError('this design has no jobs, schedules and reactions', 'declare them under jobs, schedules and on')
  const known = [...new Set([...model.jobs.map(({ queue }) => queue), ...model.schedules.map(({ job }) => job.queue)])]
  const unknown = queues.find((queue) => !known.includes(queue))
  if (unknown !== undefined) throw new UsageError(`no job of this design is in the queue ${unknown}`, `the queues are ${known.join(', ')}`)
}

interface Working extends StartParts {
  readonly measured: MeasuredProcess
  readonly input: WorkInput
  readonly url: string
  readonly io: Io
}

async function openWorker(
  model: Model,
  { settings, measured, input, mail, receivers, files, variables, keys, encryption, url, io }: Working,
): Promise<Backend> {
  return openBackend({
    model,
    databaseUrl: url,
    schemaHash: () => schemaHash(model),
    keys,
    encryption,
    mode: 'production',
    publicUrl: settings.publicUrl ?? '',
    mail,
    receivers,
    files,
    variables,
    runningCode: watchCode(settings, io),
    jobConcurrency: settings.jobConcurrency,
    jobDrainMs: DRAIN_MS,
    slowStatementMs: settings.slowStatementMs,
    ...(input.queues.length === 0 ? {} : { queues: input.queues }),
    observe: measured.observe,
    ...(measured.onStatement === undefined ? {} : { onStatement: measured.onStatement }),
  })
}

function stopped(): Outcome {
  return { exit: 0, data: { stopped: true }, text: '' }
}
