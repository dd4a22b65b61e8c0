/** Where the log of a running backend goes: JSON lines in production, lines for a person in development. */

import { pino } from 'pino'
import type { Log } from '../../server/http/observe.ts'
import type { CommandEvent } from '../terminal/event.ts'
import type { LogLevel } from './settings.ts'

/** JSON lines on standard output, one an event, with the time in ISO 8601. */
export function jsonLog(level: LogLevel): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } })
}

const SEVERITY = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: 100 } as const satisfies Record<LogLevel, number>

/** Hands each line that is severe enough to the command's own observer. */
export function eventLog(level: LogLevel, observe: (event: CommandEvent) => void): Log {
  const at = (severity: 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    if (SEVERITY[severity] >= SEVERITY[level]) observe({ kind: 'logged', level: severity, message, fields: plain(fields) })
  }
  return { info: at('info'), warn: at('warn'), error: at('error') }
}

/** Errors have no enumerable properties, so as they are they would be lost in JSON. */
function plain(fields: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value instanceof Error ? (value.stack ?? value.message) : value]),
  )
}
