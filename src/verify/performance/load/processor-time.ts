/** Processor time of processes to the nanosecond, from Linux' /proc, so that short measurements can be compared. */

import { readdirSync, readFileSync } from 'node:fs'
import { processesUnder, processorOf } from './processes.ts'

/** Seconds of processor time by process. */
export type ProcessorTimes = ReadonlyMap<number, number>

/** A process and its descendants; none where there is no /proc. */
export function treeOf(pid: number): readonly number[] {
  try {
    return processesUnder(pid)
  } catch {
    return []
  }
}

/** The times of the sessions of a database; null where a process is not there, or is no PostgreSQL: a database on another machine. */
export function timesOfSessions(pids: readonly number[]): ProcessorTimes | null {
  return processorOf(pids, 'postgres') === null ? null : timesOf(pids)
}

/** The times of processes; null where the system tells none. */
export function timesOf(pids: readonly number[]): ProcessorTimes | null {
  const seen = pids.map((pid) => [pid, secondsOf(pid)] as const).filter(([, seconds]) => seconds > 0)
  return seen.length === 0 ? null : new Map(seen)
}

/** Seconds between two looks. A process that is new has used all of its time in between. Null if one look saw nothing. */
export function secondsBetween(before: ProcessorTimes | null, after: ProcessorTimes | null): number | null {
  if (before === null || after === null) return null
  return [...after].reduce((sum, [pid, time]) => sum + time - (before.get(pid) ?? 0), 0)
}

/** The time that all threads of a process have run (`/proc/…/schedstat`, first figure); 0 for a process that has ended. */
function secondsOf(pid: number): number {
  try {
    const files = readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`)
    return files.reduce((sum, file) => sum + Number(readFileSync(file, 'utf8').split(' ')[0]), 0) / 1e9
  } catch {
    return 0
  }
}
