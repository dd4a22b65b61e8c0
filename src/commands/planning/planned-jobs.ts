/** The jobs and schedules of a plan. */

import { writesOf } from '../../model/action-tree.ts'
import type { Job } from '../../model/job.ts'
import type { Model } from '../../model/model.ts'
import { columns, count, seconds } from '../terminal/layout.ts'

/** A job. */
export interface PlannedJob {
  readonly job: string
  readonly as: 'caller' | 'system'
  readonly input: readonly string[]
  /** The entities whose rows its steps write; the path of its code, which may write any. */
  readonly does: string
  readonly queue: string
  readonly priority: number
  readonly concurrency: number | null
  readonly attempts: number
  readonly timeoutMs: number
  readonly unique: readonly string[] | null
  readonly delayMs: number
}

/** A schedule. */
export interface PlannedSchedule {
  readonly schedule: string
  readonly cron: string
  readonly timeZone: string
  readonly missed: 'once' | 'skip' | 'all'
  readonly does: string
  readonly attempts: number
  readonly timeoutMs: number
}

/** The jobs of a model, in its order. */
export function plannedJobs(model: Model): readonly PlannedJob[] {
  return model.jobs.map((job) => ({
    job: job.kind,
    as: job.action.as,
    input: job.action.inputs.map(({ name, optional }) => `${name}${optional ? '?' : ''}`),
    does: workOf(model, job),
    queue: job.queue,
    priority: job.priority,
    concurrency: job.concurrency,
    attempts: job.retry.attempts,
    timeoutMs: job.timeoutMs,
    unique: job.unique,
    delayMs: job.delayMs,
  }))
}

/** The schedules of a model, in its order. */
export function plannedSchedules(model: Model): readonly PlannedSchedule[] {
  return model.schedules.map(({ name, cron, timeZone, missed, calls, inputs, job }) => ({
    schedule: name,
    cron,
    timeZone,
    missed,
    does: calls === null ? workOf(model, job) : `calls ${calls}(${inputs.map((one) => one.name).join(', ')})`,
    attempts: job.retry.attempts,
    timeoutMs: job.timeoutMs,
  }))
}

function workOf({ actions }: Model, { action }: Job): string {
  if (action.run !== null) {
    const { code } = action.run
    return typeof code === 'string' ? `runs ${code}, not written yet` : 'runs code'
  }
  const entities = [...new Set(writesOf(action, actions).map(({ entity }) => entity))]
  return entities.length === 0 ? 'writes nothing' : `writes ${entities.join(', ')}`
}

/** Each job: its input, its rights, and when it runs. */
export function jobLines(jobs: readonly PlannedJob[], heading: string): readonly string[] {
  if (jobs.length === 0) return []
  const rows = jobs.map((job) => [
    `${job.job}(${job.input.join(', ')})`,
    job.does,
    limitsOf(job).join(', '),
    job.as === 'system' ? 'AS SYSTEM' : '',
  ])
  return [heading, ...columns(rows, '  ')]
}

function limitsOf({ queue, priority, concurrency, attempts, timeoutMs, unique, delayMs }: PlannedJob): readonly string[] {
  return [
    `queue ${queue}`,
    ...(priority === 0 ? [] : [`priority ${priority}`]),
    ...(concurrency === null ? [] : [`${concurrency} at a time`]),
    count(attempts, 'attempt'),
    `within ${seconds(timeoutMs)}`,
    ...(unique === null ? [] : [unique.length === 0 ? 'one waits' : `one waits for each ${unique.join(', ')}`]),
    ...(delayMs === 0 ? [] : [`after ${seconds(delayMs)}`]),
  ]
}

const MISSED = { once: 'one run for missed times', skip: 'missed times are skipped', all: 'one run for each missed time' } as const

/** Each schedule: its times and what it does. */
export function scheduleLines(schedules: readonly PlannedSchedule[], heading: string): readonly string[] {
  if (schedules.length === 0) return []
  const rows = schedules.map(({ schedule, cron, timeZone, missed, does, attempts, timeoutMs }) => [
    schedule,
    `${cron} ${timeZone}`,
    does,
    `${MISSED[missed]}, ${count(attempts, 'attempt')}, within ${seconds(timeoutMs)}`,
    'AS SYSTEM',
  ])
  return [heading, ...columns(rows, '  ')]
}
