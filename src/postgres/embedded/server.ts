/** The server process (PostgreSQL calls it postmaster). */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EnvironmentError } from '../../base/environment-error.ts'
import { type Binaries, programOf } from './binaries.ts'
import type { Address, Durability } from './event.ts'
import { disarmPidFile, type PidFile, readPidFile } from './pidfile.ts'
import type { Place } from './place.ts'
import { run, serverEnvironment, spawnAs } from './run-program.ts'
import { SOCKET_PORT } from './socket.ts'

/** How a postmaster ended. */
export type Exit = 'stopped' | 'crashed'

/** A running postmaster. `exited` is `stopped` when the postmaster was told to stop. */
export interface Postmaster {
  readonly pid: number
  readonly address: Address
  readonly exited: Promise<Exit>
  /**
   * Stops the server so that the next start needs no recovery (open transactions are rolled back). Resolves when the server has ended.
   * After 20 s an immediate shutdown follows, which loses no committed data.
   *
   * @throws EnvironmentError when the immediate shutdown fails too.
   */
  stop(): Promise<void>
}

/** How an embedded server is started. */
export interface StartOptions {
  /** The folder of the server's socket; undefined to listen on loopback. */
  readonly sockets: string | undefined
  readonly durability: Durability
}

interface Listening {
  readonly address: Address
  readonly durability: Durability
}

/** These options are only on the command line, so that a later start of the data folder without them is safe. */
const DURABILITY: Readonly<Record<Durability, readonly string[]>> = {
  full: [],
  none: ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off'].flatMap((setting) => ['-c', setting]),
}

const POLL_MS = 10
const ADOPTED_POLL_MS = 500
const START_LIMIT_MS = 120_000
const FAST_LIMIT_MS = 20_000
const IMMEDIATE_LIMIT_MS = 10_000
const LOG_LIMIT_BYTES = 10_000_000
const TAIL_LINES = 15

/**
 * Temporary errors: the backends of a crashed postmaster need some time to end, and another process may take a free port before this server
 * binds it.
 */
const TEMPORARY = /pre-existing shared memory block|could not bind|could not create any TCP\/IP sockets/
const TEMPORARY_LIMIT_MS = 10_000

/**
 * Starts the server and resolves when it accepts connections. The caller must hold the lock of the folder and must have checked that no
 * server of these data runs.
 *
 * @throws EnvironmentError with the end of the server's log when the server does not start.
 */
export async function startPostmaster(place: Place, binaries: Binaries, { sockets, durability }: StartOptions): Promise<Postmaster> {
  const began = performance.now()
  for (;;) {
    const address = sockets === undefined ? await freeLoopback() : ({ kind: 'socket', folder: sockets, port: SOCKET_PORT } as const)
    const attempt = await tryStart(place, binaries, { address, durability })
    if (typeof attempt !== 'string') return attempt
    if (!TEMPORARY.test(attempt) || performance.now() - began > TEMPORARY_LIMIT_MS) throw startFailure(place, attempt)
    await sleep(100)
  }
}

/**
 * Takes over a server whose keeper was killed; undefined when no server runs. @throws EnvironmentError when the server does not become
 * ready.
 */
export async function adoptPostmaster(place: Place, binaries: Binaries): Promise<Postmaster | undefined> {
  const began = performance.now()
  for (;;) {
    const file = await readPidFile(place.data)
    if (file === undefined || !(await isPostmaster(file.pid, place.data))) return undefined
    const { pid, address, status } = file
    if (status === 'ready') return { pid, address, exited: watch(pid, place.data), stop: () => stopPostmaster(place, binaries, pid) }
    if (performance.now() - began > START_LIMIT_MS) throw startFailure(place, `process ${pid} is ${status} and does not get ready`)
    await sleep(POLL_MS)
  }
}

async function stopPostmaster(place: Place, binaries: Binaries, pid: number): Promise<void> {
  if (process.platform === 'win32') {
    await run(programOf(binaries, 'pg_ctl'), ['stop', '-D', place.data, '-m', 'fast', '-w']) // Windows has no signals
    return
  }
  if (await signalled(place.data, pid, { signal: 'SIGINT', limit: FAST_LIMIT_MS })) return
  if (await signalled(place.data, pid, { signal: 'SIGQUIT', limit: IMMEDIATE_LIMIT_MS })) return
  throw new EnvironmentError(`the embedded PostgreSQL (process ${pid}) does not stop`, `See ${join(place.home, 'server.log')}.`)
}

/** Whether the process is the postmaster of these data, and not a zombie or another process that later got the same id. */
async function isPostmaster(pid: number, data: string): Promise<boolean> {
  try {
    process.kill(pid, 0)
    if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(data))
    if (process.platform === 'win32') return true
    return (await run('/bin/ps', ['-p', String(pid), '-o', 'comm='])).output.includes('postgres')
  } catch {
    return false
  }
}

async function signalled(data: string, pid: number, how: { signal: NodeJS.Signals; limit: number }): Promise<boolean> {
  const began = performance.now()
  if (!(await isPostmaster(pid, data))) return true
  process.kill(pid, how.signal)
  while (performance.now() - began < how.limit) {
    await sleep(POLL_MS)
    if (!(await isPostmaster(pid, data))) return true
  }
  return false
}

/** Returns the server, or the end of its log when the start failed. */
async function tryStart(place: Place, binaries: Binaries, { address, durability }: Listening): Promise<Postmaster | string> {
  await clearRemains(place, address)
  const path = join(place.home, 'server.log')
  await rotate(path)
  const log = await open(path, 'a', 0o600)
  const { size } = await log.stat()
  const child = spawn(programOf(binaries, 'postgres'), ['-D', place.data, ...addressArguments(address), ...DURABILITY[durability]], {
    ...spawnAs(place.accounts.server),
    env: serverEnvironment(),
    stdio: ['ignore', log.fd, log.fd],
    windowsHide: true,
  })
  const exited = once(child, 'exit').then(
    ([code]): Exit => (code === 0 ? 'stopped' : 'crashed'),
    (): Exit => 'crashed',
  )
  let running = true
  void exited.then(() => {
    running = false
  })
  const began = performance.now()
  const { pid } = child
  const stop = async () => (pid === undefined ? undefined : stopPostmaster(place, binaries, pid))
  while (running && pid !== undefined && performance.now() - began < START_LIMIT_MS) {
    if (isReady(await readPidFile(place.data), pid)) {
      await log.close()
      return { pid, address, exited, stop }
    }
    await sleep(POLL_MS)
  }
  await log.close()
  if (running) await stop()
  return tail(path, size)
}

/**
 * Removes the files that would make PostgreSQL believe that a killed server still runs. Like `postmaster.pid`, the lock file of the socket
 * contains a process id. PostgreSQL counts a zombie as alive, and a container without an init process has many zombies.
 */
async function clearRemains(place: Place, address: Address): Promise<void> {
  await disarmPidFile(place.data)
  if (address.kind !== 'socket') return
  const socket = join(address.folder, `.s.PGSQL.${address.port}`)
  await Promise.all([rm(socket, { force: true }), rm(`${socket}.lock`, { force: true })])
}

function isReady(file: PidFile | undefined, pid: number): boolean {
  return file?.pid === pid && file.status === 'ready'
}

/** The settings that no configuration file may change: the address (only the server's own user can reach the socket) and the log. */
function addressArguments(address: Address): readonly string[] {
  const listen =
    address.kind === 'socket'
      ? ['listen_addresses=', `unix_socket_directories="${address.folder.replaceAll('"', '""')}"`]
      : ['listen_addresses=127.0.0.1', 'unix_socket_directories=']
  const settings = [...listen, `port=${address.port}`, 'unix_socket_permissions=0700', 'logging_collector=off', 'log_destination=stderr']
  return settings.flatMap((setting) => ['-c', setting])
}

async function watch(pid: number, data: string): Promise<Exit> {
  while (await isPostmaster(pid, data)) await sleep(ADOPTED_POLL_MS)
  return (await readPidFile(data)) === undefined ? 'stopped' : 'crashed' // a clean shutdown removes the file
}

async function freeLoopback(): Promise<Address> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  server.close()
  return { kind: 'loopback', port: typeof bound === 'object' && bound !== null ? bound.port : 0 }
}

async function rotate(path: string): Promise<void> {
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  )
  if (size > LOG_LIMIT_BYTES) await rename(path, `${path}.1`)
}

async function tail(path: string, from: number): Promise<string> {
  const text = (await readFile(path)).subarray(from).toString()
  return text.trim().split('\n').slice(-TAIL_LINES).join('\n')
}

function startFailure(place: Place, reason: string): EnvironmentError {
  return new EnvironmentError(
    `the embedded PostgreSQL did not start:\n${reason}`,
    `The whole log is ${join(place.home, 'server.log')}; the configuration is ${join(place.data, 'postgresql.conf')}.`,
  )
}
