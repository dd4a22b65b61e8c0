/**
 * Notices code of the design that blocks the event loop. A separate thread watches, because the blocked thread can do nothing
 * (docs/decisions/0040).
 */

import { url } from 'node:inspector'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { RunningCode } from '../run/running-code.ts'

/** What the thread needs. */
export interface WatchedProcess {
  readonly memory: SharedArrayBuffer
  /** After how many milliseconds without a turn the code counts as stuck. */
  readonly limitMs: number
  /** The file descriptor to which a `StuckCode` is written, as one line of JSON. */
  readonly report: number
}

/** Code that does not end. */
export interface StuckCode {
  readonly kind: 'stuck'
  /** What runs, the latest first: hooks and code of actions. */
  readonly code: readonly string[]
  /** The place in the code of the project: function, file, line and column. Null when it could not be found out. */
  readonly at: { readonly name: string; readonly url: string; readonly line: number; readonly column: number } | null
  readonly limitMs: number
}

/** How many times in each limit the event loop counts a turn. */
const BEATS = 10

/**
 * Watches this process. The result ends the thread. While the inspector of Node is open, nothing is reported, because a debugger may have
 * stopped the process.
 */
export function startWatchdog(running: RunningCode, { limitMs, report }: Omit<WatchedProcess, 'memory'>): () => void {
  const turn = (): void => running.turn({ debugged: url() !== undefined })
  turn()
  const beat = setInterval(turn, limitMs / BEATS).unref()
  const workerData: WatchedProcess = { memory: running.memory, limitMs, report }
  const thread = new Worker(new URL(`./watchdog-thread${extname(import.meta.filename)}`, import.meta.url), { workerData })
  thread.unref()
  // If the thread fails, the process continues without a watchdog.
  thread.on('error', () => {})
  return () => {
    clearInterval(beat)
    void thread.terminate()
  }
}
