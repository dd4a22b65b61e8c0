/**
 * Supervises a serving process: runs it as a child, and starts it again when its watchdog reports code of the design that does not end.
 * Only designs with code are supervised; any other design is served by the first process itself.
 */

import { spawn } from 'node:child_process'
import type { Log } from '../../server/http/observe.ts'
import type { Io, Outcome } from '../terminal/command.ts'
import { SUPERVISED } from '../terminal/supervision.ts'
import { type Ended, watchChild } from './watched-child.ts'

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

async function superviseOne(io: Io, log: Log): Promise<Ended> {
  const [file = '', ...args] = io.self.command
  const child = spawn(file, args, { stdio: ['inherit', 'inherit', 'inherit', 'pipe'], env: { ...io.env, [SUPERVISED]: '1' } })
  const { ended, stop } = watchChild(child, { io, log })
  io.stop.addEventListener('abort', stop, { once: true })
  const stopReloads = io.onReload?.(() => void child.kill('SIGHUP'))
  if (io.stop.aborted) stop()
  try {
    return await ended
  } finally {
    io.stop.removeEventListener('abort', stop)
    stopReloads?.()
  }
}
