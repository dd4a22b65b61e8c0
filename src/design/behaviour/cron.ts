/**
 * The times of a cron expression in a time zone.
 *
 * Summer time: a time of day that a change skips is run once, at the moment of the change; a time of day that a change repeats is run once,
 * the first time. Expressions with `*` or a step as their hour or minute run on through the change, at each of their instants.
 */

import { createRequire } from 'node:module'
import type { Cron } from 'croner'
import { quote } from '../findings/report.ts'

/** Loads the library with the first schedule, because most designs have none. */
const croner = (): typeof import('croner') => createRequire(import.meta.url)('croner')

/** A cron expression and its time zone. */
export interface CronTimes {
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string
  /** An IANA time zone. */
  readonly timeZone: string
}

/** The first time after a moment, in milliseconds since 1970; null when there is none. @throws TypeError for an invalid expression. */
export function nextTime({ cron, timeZone }: CronTimes, afterMs: number): number | null {
  return patternOf(cron, timeZone).nextRun(new Date(afterMs))?.getTime() ?? null
}

/** What is wrong with a cron expression of five fields; null for nothing. */
export function cronProblem(cron: string): { readonly message: string; readonly hint: string } | null {
  try {
    if (nextTime({ cron, timeZone: 'UTC' }, 0) !== null) return null
    return { message: `no day is a time of ${quote(cron)}`, hint: 'use a day that the month has' }
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : ''
    return {
      message: `${quote(cron)} is no cron expression: ${why}`,
      hint: 'use minute (0-59), hour (0-23), day of month (1-31), month (1-12) and day of week (0-7)',
    }
  }
}

function patternOf(cron: string, timezone: string): Cron {
  return new (croner().Cron)(cron, { timezone, paused: true, mode: '5-part' })
}
