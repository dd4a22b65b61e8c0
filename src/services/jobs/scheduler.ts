/** Adds the runs of schedules when their times come, once per cluster. The clock of this process only decides when it looks. */

import type { Run } from '../../base/sql/statement.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { nextTime } from '../../design/behaviour/cron.ts'
import type { Missed, Schedule } from '../../model/job.ts'
import { timestampText } from '../postgres-text.ts'
import type { JobObservation } from './observation.ts'
import { DECLARE, FORGET, NOW, READ, TAKE } from './schedule-statements.ts'

/** A time is missed when it is taken more than this many milliseconds late. */
export const LATE_MS = 60_000

/** The most runs that are added for the missed times of one schedule. */
const MOST_RUNS = 100

/** The longest time between two looks, in milliseconds, and the time before a look that failed is repeated. */
const LOOK_MS = 30_000
const AGAIN_MS = 1_000

/** What the scheduler needs. */
export interface SchedulerOptions {
  readonly run: Run
  readonly schedules: readonly Schedule[]
  readonly observe: (observation: JobObservation) => void
  /** Called when runs were added. */
  readonly onAdded: () => void
}

/** A running scheduler. */
export interface Scheduler {
  readonly stop: () => Promise<void>
}

/** Starts the scheduler: writes the schedules of the design, and takes their times. */
export function startScheduler(options: SchedulerOptions): Scheduler {
  let stopped = false
  let isDeclared = false
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  const look = async (): Promise<void> => {
    let pauseMs = AGAIN_MS
    try {
      if (!isDeclared) await declare(options)
      isDeclared = true
      pauseMs = await takeDue(options)
    } catch (error) {
      const note = error instanceof Error ? error.message : String(error)
      options.observe({ kind: 'trouble', what: 'schedules', note })
    }
    if (!stopped) timer = setTimeout(begin, pauseMs)
  }
  const begin = (): void => {
    looking = look()
  }
  begin()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await looking
      clearTimeout(timer)
    },
  }
}

async function declare({ run, schedules }: SchedulerOptions): Promise<void> {
  const [[now] = []] = await run(NOW, {})
  for (const { name, cron, timeZone } of schedules) {
    const next = nextTime({ cron, timeZone }, Number(now))
    await run(DECLARE, { name, cron, time_zone: timeZone, next: next === null ? null : timestampText(next) })
  }
  await run(FORGET, { names: arrayLiteral(schedules.map(({ name }) => name)) })
}

/** Takes the times that have come. @returns milliseconds until the next one. */
async function takeDue(options: SchedulerOptions): Promise<number> {
  const { run, schedules } = options
  const rows = await run(READ, { names: arrayLiteral(schedules.map(({ name }) => name)) })
  let pauseMs = LOOK_MS
  for (const [name, cron, timeZone, next, now] of rows) {
    const schedule = schedules.find((one) => one.name === name)
    // Another version of the design runs beside this one: its processes take the times.
    if (schedule === undefined || schedule.cron !== cron || schedule.timeZone !== timeZone || next === null || next === undefined) continue
    const [plannedMs, nowMs] = [Number(next), Number(now)]
    if (plannedMs > nowMs) pauseMs = Math.min(pauseMs, plannedMs - nowMs + 1)
    else {
      const following = await takeTime(options, schedule, { plannedMs, nowMs })
      if (following !== null) pauseMs = Math.min(pauseMs, Math.max(1, following - nowMs))
    }
  }
  return pauseMs
}

/** A time that has come. */
export interface Due {
  /** The time that has come, and the current one, in milliseconds since 1970. */
  readonly plannedMs: number
  readonly nowMs: number
}

/** Takes a time, unless another process has. @returns the next time in milliseconds since 1970; null for none. */
export async function takeTime({ run, observe, onAdded }: SchedulerOptions, schedule: Schedule, due: Due): Promise<number | null> {
  const { name, cron, timeZone, missed, job } = schedule
  const next = nextTime({ cron, timeZone }, due.nowMs)
  const dues = duesOf(schedule, due, missed)
  const [taken] = await run(TAKE, {
    name,
    cron,
    time_zone: timeZone,
    planned: timestampText(due.plannedMs),
    next: next === null ? null : timestampText(next),
    kind: job.kind,
    dues: arrayLiteral(dues.map(timestampText)),
    key: job.unique === null ? null : '',
  })
  if (taken === undefined) return next
  const runs = Number(taken[0])
  observe({ kind: 'scheduled', schedule: name, runs })
  if (runs > 0) onAdded()
  return next
}

/** The times for which runs are added, in milliseconds since 1970: of all that have come, those that the policy keeps. */
export function duesOf(times: Pick<Schedule, 'cron' | 'timeZone'>, { plannedMs, nowMs }: Due, missed: Missed): readonly number[] {
  if (missed === 'once') return [plannedMs]
  const dues: number[] = []
  let at: number | null = plannedMs
  while (at !== null && at <= nowMs && dues.length < MOST_RUNS) {
    if (missed === 'all' || nowMs - at <= LATE_MS) dues.push(at)
    at = missed === 'skip' && nowMs - at > LATE_MS ? nextTime(times, Math.max(at, nowMs - LATE_MS - 1)) : nextTime(times, at)
  }
  return dues
}
