/**
 * Adds the runs of schedules when their times come, once per cluster. The clock of this process only decides when it looks.
 *
 * Each look confirms the schedules of the design. A process changes and deletes nothing of a version that other processes run: see
 * `schedule-statements.ts`.
 */

import type { Sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { nextTime } from '../../design/behaviour/cron.ts'
import type { Missed, Schedule } from '../../model/job.ts'
import { timestampText } from '../postgres-text.ts'
import { noteOf } from './job-run.ts'
import type { JobObservation } from './observation.ts'
import { scheduleStatements } from './schedule-statements.ts'

/** A time is missed when it is taken more than this many milliseconds late. */
export const LATE_MS = 60_000

/** The most runs that are added for the missed times of one schedule. */
const MOST_RUNS = 100

/** Before a look that failed is repeated, in milliseconds. */
const AGAIN_MS = 1_000

/** A version has no process when none was seen for this many looks. */
export const LOOKS_UNTIL_GONE = 3

/** Between two deletions of schedules that no version has, in milliseconds. */
const FORGET_MS = 3_600_000

/** What the scheduler needs. */
export interface SchedulerOptions {
  readonly run: Run
  readonly schedules: readonly Schedule[]
  /** The input of the runs of a schedule as JSON: SQL over `d.at`, the time of the run. */
  readonly inputOf: (schedule: Schedule) => Sql
  /** The clock by which times come, as an expression of type `timestamptz`. */
  readonly clock: Sql
  /** The longest time between two looks, in milliseconds. */
  readonly lookMs: number
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
  const look = openLooks(options)
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  const begin = (): void => {
    looking = look()
      .catch((error: unknown) => {
        options.observe({ kind: 'trouble', what: 'schedules', note: noteOf(error) })
        return Math.min(AGAIN_MS, options.lookMs)
      })
      .then((pauseMs) => {
        if (!stopped) timer = setTimeout(begin, pauseMs)
      })
  }
  begin()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await looking
    },
  }
}

/** Makes the function that looks at the schedules once and gives the milliseconds until the next look. */
export function openLooks(options: SchedulerOptions): () => Promise<number> {
  const { run, schedules, inputOf, lookMs } = options
  const statements = scheduleStatements(options.clock)
  const planned = schedules.map((schedule) => ({ schedule, take: statements.take(inputOf(schedule)) }))
  let forgotAt = Number.NEGATIVE_INFINITY
  return async () => {
    const [[now] = []] = await run(statements.now, {})
    const nowMs = Number(now)
    const nexts = schedules.map((one) => nextTime(one, nowMs))
    const own = {
      names: arrayLiteral(schedules.map(({ name }) => name)),
      crons: arrayLiteral(schedules.map(({ cron }) => cron)),
      zones: arrayLiteral(schedules.map(({ timeZone }) => timeZone)),
      nexts: arrayLiteral(nexts.map((next) => (next === null ? null : timestampText(next)))),
    }
    await run(statements.declare, { ...own, gone_ms: lookMs * LOOKS_UNTIL_GONE })
    if (Math.abs(nowMs - forgotAt) >= FORGET_MS) {
      await run(statements.forget, own)
      forgotAt = nowMs
    }
    let pauseMs = lookMs
    for (const [name, next, at] of await run(statements.read, own)) {
      const one = planned.find(({ schedule }) => schedule.name === name)
      if (one === undefined) continue
      const due = { plannedMs: Number(next), nowMs: Number(at) }
      const following = due.plannedMs > due.nowMs ? due.plannedMs + 1 : await takeTime(options, one, due)
      if (following !== null) pauseMs = Math.min(pauseMs, Math.max(1, following - due.nowMs))
    }
    return pauseMs
  }
}

/** A time that has come. */
export interface Due {
  /** The time that has come, and the current one, in milliseconds since 1970. */
  readonly plannedMs: number
  readonly nowMs: number
}

/** Takes a time, unless another process has. @returns the next time in milliseconds since 1970; null for none. */
async function takeTime(
  { run, observe, onAdded, lookMs }: SchedulerOptions,
  { schedule, take }: { readonly schedule: Schedule; readonly take: Statement },
  due: Due,
): Promise<number | null> {
  const { name, cron, timeZone, missed, job } = schedule
  const next = nextTime({ cron, timeZone }, due.nowMs)
  const dues = duesOf(schedule, due, missed)
  const [taken] = await run(take, {
    name,
    cron,
    time_zone: timeZone,
    planned: timestampText(due.plannedMs),
    next: next === null ? null : timestampText(next),
    kind: job.kind,
    dues: arrayLiteral(dues.map(timestampText)),
    key: job.unique === null ? null : '',
    gone_ms: lookMs * LOOKS_UNTIL_GONE,
  })
  const runs = taken?.[0] ?? null
  if (runs === null) return next
  observe({ kind: 'scheduled', schedule: name, runs: Number(runs) })
  if (Number(runs) > 0) onAdded()
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
