/** Takes leases of the embedded server, in a Plinth process. */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { EnvironmentError } from '../../base/environment-error.ts'
import {
  type Failed,
  KEEPER_PROTOCOL,
  type KeeperJob,
  type KeeperMessage,
  type KeeperReport,
  type KeeperState,
  type RunningPostgres,
} from './event.ts'

/**
 * The right to use a running server. The keeper runs the server while any process holds a lease. A lease ends at the latest with its
 * process.
 */
export interface Lease {
  /** Whether the server was started for another Plinth process. */
  readonly shared: boolean
  readonly running: RunningPostgres
  /** Ends the lease. Resolves when the server has stopped; at once while other processes use the server. */
  release(): Promise<void>
}

/** Receives the messages of the keeper. `closed`: the keeper has ended. */
export type Listener = (message: KeeperMessage | { readonly kind: 'closed' }) => void

const JOIN_LIMIT_MS = 5_000
const BUSY_LIMIT_MS = 60_000
const RELEASE_LIMIT_MS = 60_000

/**
 * Connects to the keeper of the folder `job.here`, or forks a keeper. Resolves when the server accepts connections.
 *
 * @throws EnvironmentError with the keeper's reason when the server does not start.
 */
export async function takeLease(job: KeeperJob, listener: Listener): Promise<Lease> {
  const { here } = job
  const began = performance.now()
  let shared = true
  for (;;) {
    const socket = await joinKeeper(here)
    if (socket !== undefined) {
      const outcome = await untilRunning(socket, listener)
      if (outcome.kind === 'running') return leaseOf(socket, outcome, shared)
      if (outcome.kind === 'failed') throw new EnvironmentError(outcome.message, outcome.hint)
    }
    if (performance.now() - began > BUSY_LIMIT_MS) throw lockedOut(here)
    const report = await forkKeeper(job)
    if (report.kind === 'failed') throw new EnvironmentError(report.message, report.hint)
    shared = report.kind === 'busy'
    if (shared) await sleep(20)
  }
}

/** Connects to the keeper of `here`; undefined when there is no keeper or it is ending. */
async function joinKeeper(here: string): Promise<Socket | undefined> {
  const text = await readFile(join(here, 'keeper.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new EnvironmentError(`cannot read ${join(here, 'keeper.json')} (${error.code})`, 'Run Plinth as the same user as before.', {
      cause: error,
    })
  })
  if (text === undefined) return undefined
  const state = JSON.parse(text) as KeeperState
  const socket = typeof state.endpoint === 'string' ? connect(state.endpoint) : connect(state.endpoint, '127.0.0.1')
  socket.on('error', () => {}) // 'close' follows
  socket.write(`${state.token}\n`)
  socket.setTimeout(JOIN_LIMIT_MS, () => socket.destroy())
  const chunk = await Promise.race([once(socket, 'readable').then(() => socket.read(WELCOME.length)), once(socket, 'close')]).catch(
    () => null,
  )
  socket.setTimeout(0)
  if (String(chunk) !== WELCOME) {
    socket.destroy()
    return undefined
  }
  if (state.protocol === KEEPER_PROTOCOL) return socket
  socket.destroy()
  throw new EnvironmentError(`another version of Plinth runs the database of ${here}`, 'Stop it first, then start again.')
}

const WELCOME = `${JSON.stringify({ kind: 'welcome' } satisfies KeeperMessage)}\n`

/** Passes the messages of the keeper to the listener. Resolves with the first message about the result of the start. */
function untilRunning(socket: Socket, listener: Listener): Promise<RunningPostgres | Failed | { readonly kind: 'closed' }> {
  return new Promise((resolve) => {
    createInterface({ input: socket }).on('line', (line) => {
      const message = JSON.parse(line) as KeeperMessage
      if (message.kind === 'running' || message.kind === 'failed') resolve(message)
      listener(message)
    })
    socket.on('close', () => {
      resolve({ kind: 'closed' })
      listener({ kind: 'closed' })
    })
  })
}

function leaseOf(socket: Socket, running: RunningPostgres, shared: boolean): Lease {
  socket.unref() // the lease does not keep a process alive that has no other work
  return {
    shared,
    running,
    async release() {
      if (socket.closed) return
      const closed = once(socket.ref(), 'close', { signal: AbortSignal.timeout(RELEASE_LIMIT_MS) })
      socket.end()
      await closed.catch(() => socket.destroy())
    },
  }
}

/** Starts a keeper in a new session, so that Ctrl-C and the end of Plinth's process group do not stop it. */
async function forkKeeper(job: KeeperJob): Promise<KeeperReport> {
  const { here } = job
  const logPath = join(here, 'keeper.log')
  const log = await open(logPath, 'a', 0o600)
  try {
    const { size } = await log.stat()
    const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env
    const child = fork(fileURLToPath(new URL(KEEPER, import.meta.url)), [], {
      cwd: here,
      detached: true,
      env,
      execArgv: ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=1'],
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
    })
    const report = await new Promise<KeeperReport | undefined>((resolve) => {
      child.once('message', (message) => resolve(message as KeeperReport))
      child.once('error', (error) => resolve(keeperFailure(error.message)))
      child.once('exit', () => resolve(undefined))
      child.send(job, () => {}) // if the keeper has already ended, the exit listener reports it
    })
    if (child.connected) child.disconnect()
    child.unref()
    return report ?? keeperFailure((await readFile(logPath)).subarray(size).toString().trim())
  } finally {
    await log.close()
  }
}

/** The keeper's file has the same extension as this file: `.ts` in the sources, `.js` in the package. */
const KEEPER = import.meta.url.endsWith('.ts') ? './keeper.ts' : './keeper.js'

function keeperFailure(reason: string): Failed {
  return {
    kind: 'failed',
    message: `the process that runs the embedded PostgreSQL ended:\n${reason}`,
    hint: 'Set DATABASE_URL to a PostgreSQL server.',
  }
}

function lockedOut(here: string): EnvironmentError {
  return new EnvironmentError(
    `another process has locked ${join(here, 'lock')} and does not accept this one`,
    'If another container uses the same folder, stop it; otherwise end the process whose title starts with "plinth: PostgreSQL of".',
  )
}
