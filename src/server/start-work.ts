/** Starts what a process does besides answering requests: reactions to events, jobs and schedules, webhooks and the broker. */

import type { Sql } from '../base/sql/sql.ts'
import { hasWork } from '../model/job.ts'
import type { Model } from '../model/model.ts'
import { hasReactions, sendsWebhooks } from '../model/reaction.ts'
import type { OnStatement } from '../postgres/executor/batch.ts'
import type { Executor } from '../postgres/executor/execute.ts'
import type { WorkerTimes } from '../services/jobs/worker-times.ts'
import type { Receivers } from '../services/webhooks/receivers.ts'
import type { Observe } from './http/observe.ts'
import type { StartedBroker } from './reactions/start-broker.ts'
import type { ReactionOptions } from './reactions/start-reactions.ts'
import { ENGINE_SETTINGS } from './run/engine-settings.ts'
import type { Stack } from './run/stack.ts'

/** Which work a process does, and how. */
export interface WorkOptions {
  readonly model: Model
  readonly databaseUrl: string
  readonly patience?: number
  /** Whether this process runs reactions to events, jobs and schedules: `here` (unless given), or only other processes do. */
  readonly work?: 'here' | 'elsewhere'
  /** Milliseconds after which another process takes over the log of events; 10,000 unless given. Tests use less. */
  readonly eventLeaseMs?: number
  /** How many jobs this process runs at the same time; 10 unless given. */
  readonly jobConcurrency?: number
  /** The queues whose jobs run here; all unless given. */
  readonly queues?: readonly string[]
  /** The times of workers; tests use shorter ones. */
  readonly workerTimes?: WorkerTimes | undefined
  /** The clock of schedules, as an expression of type `timestamptz`; PostgreSQL's unless given. Tests move another one. */
  readonly scheduleClock?: Sql
  /** Milliseconds between two looks whether any process runs jobs, in one that leaves them to others; 60,000 unless given. */
  readonly attendanceMs?: number
  /** Milliseconds that running jobs get when the backend closes; 5,000 unless given. */
  readonly jobDrainMs?: number
  /** The values of the environment variables that the integrations of the design name; none unless given. */
  readonly variables?: ReadonlyMap<string, string>
  /** In production the broker is reached over TLS, unless the design says otherwise. */
  readonly mode: 'development' | 'production'
  /** The receivers of webhooks; absent where nothing is sent. */
  readonly receivers?: Receivers
  readonly observe: Observe
  readonly onStatement?: OnStatement
}

/** An executor besides that for requests. */
export interface OwnExecutor {
  readonly connections: number
  readonly statementTimeoutMs?: number
  readonly merge?: boolean
  readonly settings?: Readonly<Record<string, string>>
}

/** Where work is woken. The functions do nothing before it has started. */
export interface Waking {
  /** After a commit that may have logged an event. */
  reactions: () => void
  /** After a commit that has added a job. */
  jobs: () => void
  /** After a commit that has added a message to a webhook. */
  webhooks: () => void
}

/** What starting work needs of the backend. */
export interface Starting {
  readonly stack: Stack
  readonly waking: Waking
  readonly open: (own: OwnExecutor) => Executor
  /** The stack with another executor. */
  readonly stackOn: (executor: Executor) => Stack
}

/** How many jobs a process runs at the same time, unless its settings say otherwise. */
const JOB_CONCURRENCY = 10

/** The timeout of one statement of a job, in milliseconds. */
const JOB_STATEMENT_MS = 60_000

const JOB_DRAIN_MS = 5_000

/** Starts the work of a process, and loads the modules of it that the design uses. Returns the function that stops it. */
export async function startWork(options: WorkOptions, starting: Starting): Promise<() => Promise<void>> {
  const broker = await startOwnBroker(options, starting)
  const own = broker === null ? starting : { ...starting, stack: { ...starting.stack, broker: broker.connection } }
  const stops = await Promise.all([startOwnReactions(options, own), startOwnJobs(options, own), startOwnWebhooks(options, own)])
  return async () => {
    await broker?.stopReceiving()
    await Promise.all(stops.map((stop) => stop()))
    await broker?.connection.close()
  }
}

/** Connects to the broker. Its modules are loaded only for designs that have one. */
async function startOwnBroker(options: WorkOptions, { stack, waking, open }: Starting): Promise<StartedBroker | null> {
  const { model, work = 'here', variables = new Map(), mode, eventLeaseMs: leaseMs, observe } = options
  if (work === 'elsewhere' || model.broker === null) return null
  const { startBroker } = await import('./reactions/start-broker.ts')
  return startBroker({
    ...{ model, broker: model.broker, variables, mode, leaseMs, executor: stack.executor },
    openOwn: () => open({ connections: 1, merge: false, settings: ENGINE_SETTINGS }),
    wakeReactions: () => waking.reactions(),
    wakeJobs: () => waking.jobs(),
    observe: (of) => observe({ kind: 'broker', of }),
  })
}

/** Starts the reactions to events, or tells the process that runs them. */
async function startOwnReactions(options: WorkOptions, { stack, waking }: Starting): Promise<() => Promise<void>> {
  if (!hasReactions(options.model)) return async () => {}
  const { startReactions, tellReactions } = await import('./reactions/start-reactions.ts')
  const { databaseUrl, patience = 1, eventLeaseMs: leaseMs } = options
  const observe: ReactionOptions['observe'] = (of) => options.observe({ kind: 'events', of })
  const logged = options.onStatement === undefined ? {} : { onStatement: options.onStatement }
  const reacting =
    options.work === 'elsewhere'
      ? tellReactions(stack, { databaseUrl, observe })
      : startReactions(stack, { databaseUrl, patience, leaseMs, observe, ...logged })
  waking.reactions = reacting.wake
  return reacting.stop
}

/** Starts a worker for jobs and schedules, or watches whether another process has one. */
async function startOwnJobs(options: WorkOptions, { stack, waking, open, stackOn }: Starting): Promise<() => Promise<void>> {
  const { model, work = 'here', jobConcurrency: concurrency = JOB_CONCURRENCY, queues = null, workerTimes: times, observe } = options
  if (!hasWork(model)) return async () => {}
  if (work === 'elsewhere') {
    const { ATTENDANCE_MS, watchAttendance } = await import('../services/jobs/attendance.ts')
    const { attendanceMs: everyMs = ATTENDANCE_MS } = options
    const { run } = stack.executor
    const stop = watchAttendance({ run, hasSchedules: model.schedules.length > 0, everyMs, observe: (of) => observe({ kind: 'job', of }) })
    return async () => stop()
  }
  const { openJobs } = await import('./jobs/open-jobs.ts')
  const { POSTGRES_CLOCK } = await import('../services/jobs/schedule-statements.ts')
  const { scheduleClock: clock = POSTGRES_CLOCK } = options
  const engine = open({ connections: 2, merge: false, settings: ENGINE_SETTINGS })
  const executor = open({ connections: concurrency, statementTimeoutMs: JOB_STATEMENT_MS })
  const worker = openJobs({ model, stack: stackOn(executor), engine, concurrency, queues, times, clock, observe })
  waking.jobs = worker.wake
  return async () => {
    waking.jobs = () => {}
    await worker.stop(options.jobDrainMs ?? JOB_DRAIN_MS)
    await Promise.all([engine.close(), executor.close()])
  }
}

/** Starts the sender of webhooks. Its modules are loaded only for designs that send some. */
function startOwnWebhooks(options: WorkOptions, { stack, waking, open }: Starting): () => Promise<void> {
  const { model, work = 'here', receivers, observe } = options
  if (work === 'elsewhere' || receivers === undefined || !sendsWebhooks(model)) return async () => {}
  const executor = open({ connections: 1, merge: false, settings: ENGINE_SETTINGS })
  const started = import('./start-webhooks.ts').then(({ startWebhooks }) => startWebhooks({ stack, executor, receivers, observe }))
  const wake = (): void => void started.then((sender) => sender.wake())
  waking.webhooks = wake
  return async () => {
    waking.webhooks = () => {}
    await (await started).stop()
  }
}
