/**
 * Supervises a serving process: runs it as a child, and starts it again when its watchdog reports code of the design that does not end.
 * Only designs with code are supervised; any other design is served by the first process itself.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { relative } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Log } from '../../server/http/observe.ts'
import type { StuckCode } from '../../server/process/watchdog.ts'
import { pathOfFile } from '../../server/run/project-files.ts'
import type { Io, Outcome } from '../terminal/command.ts'
import { CHANNEL, SUPERVISED } from '../terminal/supervision.ts'

type Ended = { readonly kind: 'ended'; readonly code: number } | { readonly kind: 'stuck' }

/** Runs this command again as a child until the child ends by itself. The result is the exit code of the child. */
export async function supervise({ io, log }: { readonly io: Io; readonly log: Log }): Promise<Outcome> {
  for (;;) {
    const ended = await superviseOne(io, log)
    if (ended.kind === 'ended') return { exit: 'of-child', code: ended.code }
    if (io.stop.aborted) return { exit: 'of-child', code: STUCK }
    log.info({}, 'starting again')
  }
}

/** The exit code when the child was stuck after a stop was requested. */
const STUCK = 1

function superviseOne(io: Io, log: Log): Promise<Ended> {
  const [file = '', ...args] = io.self.command
  const child = spawn(file, args, { stdio: ['inherit', 'inherit', 'inherit', 'pipe'], env: { ...io.env, [SUPERVISED]: '1' } })
  const channel = child.stdio[CHANNEL] as Readable & Writable
  // The child may die while the channel is used.
  channel.on('error', () => {})
  const stop = () => void channel.end()
  const kill = () => void child.kill('SIGKILL')
  io.stop.addEventListener('abort', stop, { once: true })
  process.once('exit', kill)
  if (io.stop.aborted) stop()
  let stuck = false
  createInterface({ input: channel }).on('line', (line) => {
    stuck = true
    logStuck(JSON.parse(line), io, log)
    kill()
  })
  return untilEnded(child)
    .then((code): Ended => (stuck ? { kind: 'stuck' } : { kind: 'ended', code }))
    .finally(() => {
      io.stop.removeEventListener('abort', stop)
      process.removeListener('exit', kill)
    })
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
