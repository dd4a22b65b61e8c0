/** Measures how long the threads of a process have waited for a processor, because other processes were running. */

import { readdirSync, readFileSync } from 'node:fs'

/**
 * Starts to measure; returns a function that gives the milliseconds since then, of all threads together. It gives 0 where the system does
 * not tell. A limit of time that is longer by this much does not depend on other processes of the machine.
 *
 * Source: Linux, Documentation/scheduler/sched-stats.rst, /proc/<pid>/schedstat.
 */
export function processorWait(pid: number = process.pid): () => number {
  const start = waitedMs(pid)
  return () => waitedMs(pid) - start
}

function waitedMs(pid: number): number {
  const folder = `/proc/${pid}/task`
  try {
    const waits = readdirSync(folder).map((thread) => Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ')[1]))
    return waits.reduce((a, b) => a + b, 0) / 1e6
  } catch {
    return 0
  }
}
