/** The log of a running backend: JSON lines in production, text lines in development. */

import { pino } from 'pino'
import type { Log } from '../../server/http/observe.ts'
import type { CommandEvent } from '../terminal/event.ts'
import type { LogLevel } from './settings/setting-table.ts'

/** Logs to standard output: one JSON line for each event, with the time in ISO 8601, and the number and the process of a worker. */
export function jsonLog(level: LogLevel, worker: number | null = null): Log {
  const base = worker === null ? null : { worker, pid: process.pid }
  return pino({ level, base, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } })
}

/** Writes the events of a command to a log; what is logged has its own severity and message. */
export function logEvents(log: Log): (event: CommandEvent) => void {
  return (event) => (event.kind === 'logged' ? log[event.level](event.fields, event.message) : log.info(event, event.kind))
}

const SEVERITY = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: 100 } as const satisfies Record<LogLevel, number>

/** Logs to the observer of the command. Lines below `level` are dropped. */
export function eventLog(level: LogLevel, observe: (event: CommandEvent) => void): Log {
  const at = (severity: 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    if (SEVERITY[severity] >= SEVERITY[level]) observe({ kind: 'logged', level: severity, message, fields: plain(fields) })
  }
  return { info: at('info'), warn: at('warn'), error: at('error') }
}

/** Replaces errors by their stacks, because errors have no enumerable properties and would be empty in JSON. */
function plain(fields: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value instanceof Error ? (value.stack ?? value.message) : value]),
  )
}
