/** Work that runs after the request: jobs and schedules. */

import type { Action } from './action.ts'
import type { Term } from './expression.ts'

/** Work that the design names and that workers run later: the inputs, and what is done with them. */
export interface Job {
  /** Identifies the job in the database: its name, or `schedule:` and the name of the schedule. */
  readonly kind: string
  readonly description: string | null
  /** Its inputs, its steps or code, and whose rules apply. It has no address, and `allow` is always true. */
  readonly action: Action
  readonly queue: string
  /** Among waiting jobs, those with a higher number run first. */
  readonly priority: number
  /** How many run at the same time, in all processes together; null for any number. */
  readonly concurrency: number | null
  readonly retry: Retry
  /** Milliseconds after which a run is ended and counts as failed. */
  readonly timeoutMs: number
  /** The inputs whose values no two waiting jobs share; an empty list: only one waits. Null: any number waits. */
  readonly unique: readonly string[] | null
  /** Milliseconds from adding to the first run. */
  readonly delayMs: number
}

/** How often failed work runs again, and after which pauses. */
export interface Retry {
  /** All runs, with the first one. */
  readonly attempts: number
  /** Milliseconds before the second run. Each further pause is twice as long. */
  readonly firstMs: number
  /** The longest pause, in milliseconds. */
  readonly mostMs: number
}

/** What is done about times of a schedule at which no process ran: one run for all of them, none, or one run for each. */
export type Missed = 'once' | 'skip' | 'all'

/** Work that begins at given times. */
export interface Schedule {
  readonly name: string
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string
  /** An IANA time zone. */
  readonly timeZone: string
  readonly missed: Missed
  /** The action that it calls, for people; null for code of its own. */
  readonly calls: string | null
  /** The values of the inputs of that action. They may name the time of the run by `input` with the field `DUE_AT`. */
  readonly inputs: readonly { readonly name: string; readonly value: Term }[]
  readonly job: Job
}

/** The work of a design that runs after requests, in the order of the design. */
export interface LaterWork {
  readonly jobs: readonly Job[]
  readonly schedules: readonly Schedule[]
}

/** The most bytes of the input of a job as JSON. A job names rows by their ids and reads them when it runs. */
export const JOB_INPUT_BYTES = 65_536

/** A job that waits for so many milliseconds or longer before its first run begins a new chain of work. */
export const JOB_BEGINS_ANEW_MS = 60_000

/** The name of the time of a run, for the inputs of a schedule. */
export const DUE_AT = 'dueAt'

/** The queue of jobs whose design names none. */
export const DEFAULT_QUEUE = 'default'

/** The kind of the job of a schedule. No name of a job contains a colon. */
export function scheduleKind(name: string): string {
  return `schedule:${name}`
}

/** All work that workers run: jobs, and the runs of schedules. */
export function allJobs({ jobs, schedules }: LaterWork): readonly Job[] {
  return [...jobs, ...schedules.map(({ job }) => job)]
}

/** Whether a design has work that workers run. */
export function hasWork({ jobs, schedules }: LaterWork): boolean {
  return jobs.length + schedules.length > 0
}
