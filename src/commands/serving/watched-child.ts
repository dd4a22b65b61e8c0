/** A child process that serves: it is asked to stop over a channel, and killed when its watchdog reports code that does not end. */

import type { ChildProcess } from 'node:child_process'
import { relative } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Log } from '../../server/http/observe.ts'
import type { StuckCode } from '../../server/process/watchdog.ts'
import { pathOfFile } from '../../server/run/project-files.ts'
import type { Io } from '../terminal/command.ts'
import { CHANNEL } from '../terminal/supervision.ts'

/** How a child has ended: by itself or by a signal, with its exit code, or killed because its code was stuck. */
export type Ended = { readonly kind: 'ended'; readonly code: number } | { readonly kind: 'stuck' }

/** The child. */
export interface WatchedChild {
  readonly ended: Promise<Ended>
  /** Asks it to stop: it finishes its requests. */
  readonly stop: () => void
  readonly kill: () => void
}

/** Watches a child with a channel. It is killed when this process ends. */
export function watchChild(child: ChildProcess, { io, log }: { readonly io: Io; readonly log: Log }): WatchedChild {
  const channel = child.stdio[CHANNEL] as Readable & Writable
  // The child may die while the channel is used.
  channel.on('error', () => {})
  const stop = () => void channel.end()
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  let stuck = false
  createInterface({ input: channel }).on('line', (line) => {
    stuck = true
    logStuck(JSON.parse(line), io, log)
    kill()
  })
  const ended = untilEnded(child)
    .then((code): Ended => (stuck ? { kind: 'stuck' } : { kind: 'ended', code }))
    .finally(() => process.removeListener('exit', kill))
  return { ended, stop, kill }
}

/** The exit code of a child. If a signal has ended it: 143 for SIGTERM, and 137 for any other, as shells answer for SIGKILL. */
function untilEnded(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGTERM' ? 143 : 137)))
  })
}

function logStuck({ code, at, limitMs }: StuckCode, { cwd }: Io, log: Log): void {
  const place =
    at === null ? null : `${relative(cwd, pathOfFile(at.url) ?? at.url)}:${at.line}:${at.column}${at.name === '' ? '' : ` in ${at.name}`}`
  log.error(
    { code, ...(place === null ? {} : { at: place }) },
    `${code[0] ?? 'code'} has blocked the process for ${limitMs / 1000} s, so the process is ended`,
  )
}
